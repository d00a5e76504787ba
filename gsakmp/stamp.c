/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/stamp.h"

#define DAY 86400

/* Days since 1970-01-01; March-based years make the leap day the last of a year. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = yoe + era * 400 + (*month <= 2);
}

static void digits(char *to, size_t count, int64_t value)
{
    for (; count; value /= 10)
        to[--count] = (char)('0' + value % 10);
}

/* Without printf: two stamps stand in each Key Datum, and formatting them would cost more than
 * all the rest of a Rekey Event save its signature. */
void gk_stamp_format(gk_time time, char to[GK_STAMP_SIZE + 1])
{
    int64_t days;
    int64_t rest;
    int64_t year;
    int64_t month;
    int64_t day;

    if (time < GK_TIME_FIRST)
        time = GK_TIME_FIRST;
    if (time > GK_TIME_NEVER)
        time = GK_TIME_NEVER;
    days = time / DAY;
    rest = time % DAY;
    if (rest < 0) {
        days--;
        rest += DAY;
    }
    date_from_days(days, &year, &month, &day);
    digits(to, 4, year);
    digits(to + 4, 2, month);
    digits(to + 6, 2, day);
    digits(to + 8, 2, rest / 3600);
    digits(to + 10, 2, rest / 60 % 60);
    digits(to + 12, 2, rest % 60);
    to[14] = 'Z';
    to[GK_STAMP_SIZE] = '\0';
}

void gk_write_stamp(struct gk_writer *writer, gk_time time)
{
    char text[GK_STAMP_SIZE + 1];

    gk_stamp_format(time, text);
    gk_write(writer, text, GK_STAMP_SIZE);
}

static int number(const uint8_t *from, size_t digits)
{
    int value = 0;

    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (from[i] - '0');
    return value;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

bool gk_stamp_parse(struct gk_octets from, gk_time *time)
{
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;

    if (from.size != GK_STAMP_SIZE || from.data[14] != 'Z')
        return false;
    for (size_t i = 0; i < 14; i++) {
        if (from.data[i] < '0' || from.data[i] > '9')
            return false;
    }
    year = number(from.data, 4);
    month = number(from.data + 4, 2);
    day = number(from.data + 6, 2);
    hour = number(from.data + 8, 2);
    minute = number(from.data + 10, 2);
    second = number(from.data + 12, 2);
    if (month < 1 || month > 12 || day < 1 || day > month_days(year, month) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    *time = days_from_date(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    return true;
}
