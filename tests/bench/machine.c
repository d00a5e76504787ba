/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <gmp.h>
#include <gnutls/gnutls.h>
#include <nettle/version.h>

#include "config.h"

static char *fact(struct bench_fact *facts, size_t *count, const char *name)
{
    bench_check(*count < BENCH_FACTS);
    facts[*count].name = name;
    facts[*count].text[0] = '\0';
    return facts[(*count)++].text;
}

#define TEXT sizeof(((struct bench_fact *)0)->text)

static void read_line(const char *file, const char *key, char text[TEXT])
{
    FILE *from = fopen(file, "r");
    char line[512];

    snprintf(text, TEXT, "unknown");
    while (from && fgets(line, sizeof line, from)) {
        char *value = strchr(line, ':');

        if (strncmp(line, key, strlen(key)) != 0 || (*key && !value))
            continue;
        value = *key ? value + 1 : line;
        value += strspn(value, " \t");
        value[strcspn(value, "\n")] = '\0';
        snprintf(text, TEXT, "%.100s", value);
        break;
    }
    if (from)
        fclose(from);
}

static void kernel(char text[TEXT])
{
    struct utsname names;

    bench_check(uname(&names) == 0);
    snprintf(text, TEXT, "%.40s %.40s %.20s", names.sysname, names.release, names.machine);
}

static void load(char text[TEXT])
{
    double average[1];

    if (getloadavg(average, 1) == 1)
        snprintf(text, TEXT, "%.2f", average[0]);
    else
        snprintf(text, TEXT, "unknown");
}

static void compiler(char text[TEXT])
{
#ifdef __clang__
    snprintf(text, TEXT, "%.100s", __VERSION__);
#else
    snprintf(text, TEXT, "gcc %.100s", __VERSION__);
#endif
}

static const char *sanitizers(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return "yes: the times say nothing";
#else
    return "no";
#endif
}

size_t bench_machine(struct bench_fact facts[BENCH_FACTS])
{
    size_t count = 0;

    snprintf(fact(facts, &count, "version"), TEXT, "%s %s", PACKAGE_NAME, PACKAGE_VERSION);
    read_line("/proc/cpuinfo", "model name", fact(facts, &count, "cpu"));
    snprintf(fact(facts, &count, "cores"), TEXT, "%ld", sysconf(_SC_NPROCESSORS_ONLN));
    read_line("/proc/meminfo", "MemTotal", fact(facts, &count, "memory"));
    kernel(fact(facts, &count, "kernel"));
    read_line("/etc/debian_version", "", fact(facts, &count, "debian"));
    load(fact(facts, &count, "load"));
    compiler(fact(facts, &count, "compiler"));
    snprintf(fact(facts, &count, "cflags"), TEXT, "%s", BENCH_CFLAGS);
    snprintf(fact(facts, &count, "sanitizers"), TEXT, "%s", sanitizers());
    snprintf(fact(facts, &count, "gnutls"), TEXT, "%s", gnutls_check_version(NULL));
    snprintf(fact(facts, &count, "nettle"), TEXT, "%d.%d", nettle_version_major(),
             nettle_version_minor());
    snprintf(fact(facts, &count, "gmp"), TEXT, "%s", gmp_version);
    return count;
}

size_t bench_memory(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}
