/* SPDX-License-Identifier: Apache-2.0 */
/* The page's style. It holds none of < > &, which XML and HTML read in different ways here. */
#include "token/render-html-part.h"

/* Every meaning of a colour is said in words or lines, too. */
static const char colours[] =
    ":root{color-scheme:light dark;"
    "--ink:#1b1f24;--soft:#57606a;--paper:#fff;--tint:#f4f6f8;--line:#c9d1d9;"
    "--serve:#dbeafe;--serve-line:#1d4ed8;--join:#dcfce7;--join-line:#15803d;"
    "--out:#fee2e2;--out-line:#b91c1c;--own:#ede9fe;--own-line:#6d28d9;"
    "--warn:#fff7d6;--warn-line:#9a6700}\n"
    "@media screen and (prefers-color-scheme:dark){:root{"
    "--ink:#e6edf3;--soft:#9aa4af;--paper:#0f1319;--tint:#1a2029;--line:#3a434d;"
    "--serve:#172a4d;--serve-line:#7fb0ff;--join:#12321f;--join-line:#5fd58a;"
    "--out:#40191b;--out-line:#ff8f8a;--own:#2a2050;--own-line:#b79cff;"
    "--warn:#3a2f0b;--warn-line:#e3b341}}\n";

static const char text[] =
    "body{margin:0 auto;max-width:60rem;padding:1rem 1.25rem 3rem;background:var(--paper);"
    "color:var(--ink);font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",\"Liberation Sans\","
    "Arial,sans-serif;-webkit-text-size-adjust:100%}\n"
    "h1,h2,h3,h4,h5,h6{line-height:1.25;margin:1.6em 0 .5em;overflow-wrap:anywhere}\n"
    "h1{font-size:1.75rem;margin-top:.5em}h2{font-size:1.35rem;"
    "border-bottom:1px solid var(--line);padding-bottom:.2em}h3{font-size:1.2rem}"
    "h4{font-size:1.08rem}h5,h6{font-size:1rem}\n"
    "p{margin:.6em 0}small{color:var(--soft);font-size:.85em}em{color:var(--soft)}\n"
    "bdi,code{overflow-wrap:anywhere}code,.name bdi{font:.9em/1.5 ui-monospace,"
    "\"DejaVu Sans Mono\",\"Liberation Mono\",monospace}code{color:var(--soft)}\n"
    ".status{background:var(--warn);border:1px solid var(--warn-line);border-left-width:.4rem;"
    "border-radius:.3rem;padding:.6rem .9rem;margin:1rem 0}.status p{margin:.2em 0}\n"
    ".weak{display:block;width:fit-content;margin:.15rem 0;padding:0 .4rem;font-size:.85em;"
    "background:var(--warn);border:1px solid var(--warn-line);border-radius:.3rem}\n"
    "dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.45rem 1.25rem;"
    "margin:.8rem 0}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}dd p{margin:0 0 .2em}\n"
    "footer{margin-top:2.5rem;padding-top:.5rem;border-top:1px solid var(--line);"
    "color:var(--soft);font-size:.85rem}\n";

static const char tables[] =
    ".wide{overflow-x:auto;margin:.8rem 0}table{border-collapse:collapse;font-size:.92rem;"
    "width:100%}caption{text-align:left;font-weight:600;padding:.2rem 0 .35rem}\n"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;"
    "border-bottom:1px solid var(--line);overflow-wrap:anywhere}\n"
    "thead th{background:var(--tint);border-bottom:2px solid var(--line)}"
    "tbody th{font-weight:500;color:var(--soft)}\n"
    ".facts{margin:.5rem 0;width:auto;min-width:50%}.facts th{min-width:11rem}"
    ".list{min-width:36rem}.list th,.list td{overflow-wrap:normal}"
    ".rules{min-width:34rem;table-layout:fixed}.rules thead th{width:20%}"
    ".rules thead th:first-child{width:25%}.rules thead th:nth-child(2){width:35%}\n"
    ".out caption::before{content:\"\\2715  \"}.out .name bdi{text-decoration:line-through;"
    "text-decoration-thickness:1px}\n";

static const char pictures[] =
    ".picture{overflow-x:auto;margin:1rem 0}.picture svg{display:block;width:100%;"
    "max-width:44rem;min-width:27rem;height:auto}\n"
    "svg text{fill:var(--ink);font:12px system-ui,\"Liberation Sans\",Arial,sans-serif}"
    "svg .head{font:600 12.5px ui-monospace,\"DejaVu Sans Mono\",\"Liberation Mono\",monospace;"
    "unicode-bidi:isolate}"
    "svg .line{font:10.5px ui-monospace,\"DejaVu Sans Mono\",\"Liberation Mono\",monospace;"
    "fill:var(--soft);unicode-bidi:isolate}svg .tier{font-weight:600}"
    "svg .note{font-size:11px;fill:var(--soft)}svg .mark{font-size:10.5px;font-weight:600}\n"
    "svg .frame{fill:var(--tint);stroke:var(--line)}svg .box{fill:var(--paper);"
    "stroke:var(--line);stroke-width:1.5}svg .own .box{fill:var(--own);stroke:var(--own-line)}"
    "svg .serve .box{fill:var(--serve);stroke:var(--serve-line)}svg .join .box{"
    "fill:var(--join);stroke:var(--join-line)}svg .out .box{fill:var(--out);"
    "stroke:var(--out-line);stroke-dasharray:5 3}svg .out .head{"
    "text-decoration:line-through}\n"
    "svg .arrow{stroke:var(--soft);stroke-width:1.8;fill:none}svg .tip{fill:var(--soft)}"
    "svg .barred{stroke:var(--out-line);stroke-width:1.8;stroke-dasharray:4 3;fill:none}"
    "svg .cross{stroke:var(--out-line);stroke-width:2.4;fill:none}"
    "svg .pill{fill:var(--warn);stroke:var(--warn-line)}\n";

/* At a telephone's width a rule is a few lines of its own. */
static const char narrow[] =
    "@media screen and (max-width:40rem){body{padding:.5rem .8rem 2rem}h1{font-size:1.4rem}"
    "dl{grid-template-columns:1fr;gap:.1rem}dd{margin-bottom:.6rem}.facts{width:100%}"
    ".facts th{min-width:8rem}.rules{min-width:0}.rules,.rules tbody,.rules tr,.rules th,"
    ".rules td,.rules caption{display:block}.rules thead{display:none}"
    ".rules tr{padding:.3rem 0;border-bottom:1px solid var(--line)}"
    ".rules th,.rules td{border:0;padding:0 .4rem}}\n";

static const char print[] =
    "@media print{@page{margin:15mm 14mm}html{font-size:9.5pt}body{max-width:none;padding:0}"
    "h1{font-size:18pt}h1,h2,h3,h4,h5,h6{margin:1.1em 0 .35em}.wide{margin:.4rem 0}"
    "th,td{padding:.16rem .45rem}small{font-size:.8em}.wide,.picture{overflow:visible}"
    ".rules,.list{min-width:0}.rules .name bdi,code{font-size:.85em}"
    ".picture svg{max-width:15cm;max-height:22cm;min-width:0;margin:0 auto}"
    "h1,h2,h3,h4,h5,h6,caption{break-after:avoid}thead{display:table-header-group}"
    "tr,.status,.picture,dd{break-inside:avoid}footer{margin-top:1rem}"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}\n";

const char *const html_style[] = {colours, text, tables, pictures, narrow, print, NULL};
