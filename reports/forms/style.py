"""The style sheet of a report's page: light on paper, dark on a dark screen."""

# ruff: noqa: E501  # a rule is one line

SHARED = """
:root{--ink:#14181f;--grey:#5c6672;--hair:#c9ced6;--accent:#0a5c8f;--red:#c0182b;--paper:#fff;--bar:#e8ebef;color-scheme:light}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem;max-width:62.5rem;color:var(--ink);background:var(--paper);
font:.875rem/1.35 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Segoe UI",sans-serif;font-variant-numeric:tabular-nums}
header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .75rem;border-bottom:3px solid var(--accent);padding-bottom:.375rem}
h1{font-size:1.875rem;line-height:1.15;margin:0}
header p{margin:0}.date{font-size:1.0625rem}.stamp{margin-left:auto;color:var(--grey)}
.warning{background:var(--red);color:#fff;font-weight:700;padding:.5rem;margin:.75rem 0 0}
.lead{font-size:1.0625rem;margin:.875rem 0}
.heads{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.875rem,1fr));gap:1rem}
.head{border-top:1px solid var(--ink);padding-top:2px}.head.main{border-top:3px solid var(--accent);padding-top:0}
.head h2{font-size:.875rem;font-weight:400;color:var(--grey);margin:.375rem 0 0;display:flex;justify-content:space-between;align-items:flex-start}
.big{font-size:2rem;font-weight:700;line-height:1.2;margin:0}.head.main .big{color:var(--accent)}
small{font-size:.75rem;font-weight:400;color:var(--grey);margin-left:.375rem}
.head table{width:100%;border-collapse:collapse}
.head th{font-weight:400;color:var(--grey);text-align:left;padding:0}.head td{text-align:right;padding:0;white-space:nowrap}
.band{display:grid;gap:1.25rem;margin-top:1rem}.band section+section{margin-top:.875rem}
section h2,figure h2{font-size:1rem;margin:0 0 .375rem}
figure{margin:0}svg{width:100%;height:auto;display:block}
.data{width:100%;border-collapse:collapse;border-top:1px solid var(--ink);border-bottom:1px solid var(--ink)}
.data th,.data td{padding:3px .25rem;border-top:1px solid var(--hair);font-weight:400;text-align:left}
.data thead th{color:var(--grey);font-size:.75rem;border-top:0}
.data tbody tr:first-child>*,.data .rule>*,.data .sum>*{border-top-color:var(--ink)}
.data .sum>*{font-weight:700}.data .r{text-align:right;white-space:nowrap}.data .c{text-align:center}
.tag{font-size:.92em;padding:0 .35em;border:1px solid var(--grey);color:var(--grey);border-radius:2px;font-weight:400;white-space:nowrap}
.tag.bad{background:var(--ink);color:var(--paper);border-color:var(--ink);font-weight:700}
.tag.good{color:var(--accent);border-color:var(--accent)}
.bar{display:block;min-width:2.5rem;height:.5rem;background:var(--bar)}.bar i{display:block;height:100%;background:var(--accent)}
.lines h2{border-bottom:1px solid var(--ink);padding-bottom:.25rem}.lines p{margin:.25rem 0;overflow-wrap:anywhere}
.muted{color:var(--grey)}abbr{text-decoration:none;cursor:help}
footer{margin-top:1.125rem;color:var(--grey);font-size:.6875rem}
@media screen and (max-width:700px){.band{grid-template-columns:1fr!important}section{overflow-x:auto}}
"""
"""What screens and paper have in common; lengths are in rem, so that a page can be enlarged."""

DARK = """
:root{--ink:#e6e9ee;--grey:#9aa5b1;--hair:#333b45;--accent:#58a6d6;--red:#c0182b;--paper:#12161b;--bar:#2a313a;color-scheme:dark}
.tag.bad{color:#12161b}
svg [fill="#14181f"]{fill:#e6e9ee}svg [fill="#5c6672"]{fill:#9aa5b1}svg [fill="#0a5c8f"]{fill:#58a6d6}
svg [fill="#e3e7ec"]{fill:#252c35}svg [fill="#c3ced9"]{fill:#33404d}svg [fill="#9fb2c2"]{fill:#4a5d6e}
svg [stroke="#14181f"]{stroke:#e6e9ee}svg [stroke="#c9ced6"]{stroke:#333b45}
svg [stroke="#5c6672"]{stroke:#9aa5b1}svg [stroke="#0a5c8f"]{stroke:#58a6d6}
"""
"""The colours of a dark screen."""

PAPER = """
@page{size:A4;margin:9mm 12mm}
@media print{
body{padding:0;max-width:none;font-size:8.3pt;line-height:1.25;-webkit-print-color-adjust:exact;print-color-adjust:exact}
body.doubtful{font-size:7.7pt;line-height:1.2}.doubtful .band{margin-top:6pt}
header{border-bottom-width:2pt;flex-wrap:nowrap}h1{font-size:19pt}.date{font-size:9.6pt;white-space:nowrap}.stamp{font-size:7.6pt;white-space:nowrap}
.lead{font-size:9.8pt;margin:7pt 0}.big{font-size:19pt}.heads{grid-template-columns:repeat(4,1fr);gap:11pt}
.head h2{font-size:8.3pt;margin-top:3pt}section h2,figure h2{font-size:9.3pt;margin-bottom:3pt}
.band{margin-top:8pt;gap:12pt}.band section+section{margin-top:8pt}
.data th,.data td{padding:1.6pt 2.2pt}.data thead th{font-size:7.4pt}small{font-size:7.2pt}.lines p{margin:2.6pt 0}
.bar{height:5pt;min-width:20pt}footer{font-size:6pt;margin-top:8pt}
.doubtful .data th,.doubtful .data td{padding:.8pt 2pt}.doubtful .lines p{margin:1.6pt 0}.doubtful .band section+section{margin-top:5pt}
.page+.page{break-before:page}tr,figure,.head{break-inside:avoid}}
"""
"""One A4 page."""

STYLE = f"{SHARED}@media screen and (prefers-color-scheme:dark){{{DARK}}}{PAPER}"
