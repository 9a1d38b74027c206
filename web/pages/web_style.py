"""The style of the web page, over that of the reports: navigation, the day so far, the wall."""

# ruff: noqa: E501  # a rule is one line

from reports.forms.style import DARK, PAPER, SHARED

_OWN = """
body{max-width:90rem}h1,.lead,.plain,.warning{overflow-wrap:anywhere}figure svg{max-height:24rem}
@media screen{html{font-size:clamp(15px,1vw,44px)}}
@media screen and (max-width:900px){.band{grid-template-columns:1fr!important}}
.heads{grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr))}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin-left:auto}
nav a,td a,p a{color:var(--accent)}nav [aria-current]{color:var(--ink);font-weight:700;text-decoration:none}
.stamp{margin-left:0}
.now{display:flex;flex-wrap:wrap;gap:.25rem 2.25rem;margin:.75rem 0 0;padding:.5rem 0;border-bottom:1px solid var(--hair);align-items:baseline}
.now div{display:flex;gap:.4rem;align-items:baseline}.now dt{color:var(--grey)}.now dd{margin:0;font-weight:700;font-size:1.0625rem}
.now div:first-child dd{font-size:1.5rem;color:var(--accent)}
.scroll{overflow-x:auto}.scroll td,.scroll th{text-align:left;white-space:nowrap;padding-right:.75rem}.scroll .number{text-align:right}.scroll .place{white-space:normal;overflow-wrap:anywhere;min-width:20rem}.scroll abbr{text-decoration:underline dotted}.ways,.agrees{font-size:1rem}.agrees{color:var(--accent)}body:has(.records){max-width:110rem}
.issued{width:100%;border-collapse:collapse;margin-top:1.25rem}.issued th,.issued td{text-align:left;vertical-align:top;padding:.4rem 1.5rem .4rem 0;border-top:1px solid var(--hair)}
.issued thead th{font-weight:400;color:var(--grey)}.issued td:nth-child(2){white-space:nowrap;font-variant-numeric:tabular-nums}.issued td:last-child{line-height:1.7}
.find{display:flex;flex-wrap:wrap;gap:.5rem;margin:.75rem 0 0}.find>*{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--grey);border-radius:2px;padding:.25rem .5rem}
.find input[type=search]{flex:0 1 18rem;min-width:8rem}.find button{border-color:var(--accent);color:var(--accent);cursor:pointer}
.muted td,.muted td a{color:var(--grey)}.note{color:var(--grey)}
.plain{font-size:1.0625rem;margin:1.5rem 0}section+section{margin-top:1.5rem}
a:focus-visible,.find>:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
"""

_WALL = """
@media screen{html{font-size:min(1.25vw,2.22vh)}
body{max-width:none;padding:1.2rem 1.6rem 1rem;height:100vh;overflow:hidden;display:flex;flex-direction:column}
main{flex:1;min-height:0;display:flex;flex-direction:column}
.charts{flex:1;min-height:0;margin-top:.8rem}.charts .band{height:100%;margin:0}.charts .band>div,.charts figure{height:100%;min-height:0;display:flex;flex-direction:column}
.charts svg{flex:1;min-height:0;max-height:none}
.data th,.data td{padding:.24rem .4rem;font-size:1.05rem}.data thead th{font-size:.9rem}
.wide .data th,.wide .data td{padding:.5rem .6rem;font-size:1.35rem}.wide .data thead th{font-size:1rem}
.lines p{font-size:1.125rem}.lead{font-size:1.25rem}.big{font-size:2.6rem}.head table{font-size:1.05rem}
.head h2{font-size:1.05rem}section h2,figure h2{font-size:1.25rem}.heads{grid-template-columns:repeat(4,1fr)}
h1{font-size:2.4rem}.date{font-size:1.3rem}.stamp{margin-left:auto;font-size:1rem}.stamp a{color:inherit;text-decoration:none}}
"""

_ON_PAPER = "@media print{nav,.find{display:none}.band{break-inside:avoid}.stamp{margin-left:auto}.now{margin-top:6pt}.now div:first-child dd,.now dd{font-size:9.3pt}}"


def style(*, dark: bool, wall: bool = False) -> str:
    """Return the style sheet of a page: dark on a dark screen, or on any; light on paper."""
    where = "screen" if dark else "screen and (prefers-color-scheme:dark)"
    return f"{SHARED}{_OWN}{_WALL if wall else ''}@media {where}{{{DARK}}}{PAPER}{_ON_PAPER}"
