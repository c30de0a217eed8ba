/**
 * How the page looks. It is in the page itself; the page's policy allows this text, by its hash, and nothing else: no
 * script, no style attributes, nothing from elsewhere.
 */
export const pageStyle = `
:root{color-scheme:light dark;--back:#fff;--panel:#f6f7f9;--text:#1c2128;--quiet:#59636e;--line:#d1d9e0;--link:#0a5cc4;--fatal:#a40e26;--error:#c4321c;--warning:#8a5a00;--good:#1a7f37;--mark:#fff3c4;--target:#ffd866}
@media (prefers-color-scheme:dark){:root{--back:#12151a;--panel:#1a1f26;--text:#e3e8ee;--quiet:#9aa5b1;--line:#343c47;--link:#78b3ff;--fatal:#ff8f9c;--error:#ff9580;--warning:#f0c060;--good:#6fd58a;--mark:#3a3014;--target:#6b5410}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:.5rem}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}
header,footer{padding:1rem 1.25rem}
header{border-bottom:1px solid var(--line)}
footer{border-top:1px solid var(--line);color:var(--quiet);font-size:.875rem}
h1{font-size:1.4rem;margin:0 0 .25rem}
h2{font-size:1.15rem;line-height:1.35;margin:0 0 .5rem}
h3{font-size:.95rem;margin:1.25rem 0 .4rem;color:var(--quiet)}
p{margin:.4rem 0}
code,pre,.log,.stack{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.82rem}
pre{margin:.4rem 0;padding:.6rem .75rem;background:var(--panel);border:1px solid var(--line);border-radius:6px;overflow-x:auto;line-height:1.45;overflow-wrap:normal}
.quiet{color:var(--quiet)}
.fatal{color:var(--fatal)}.error{color:var(--error)}.warning{color:var(--warning)}.good{color:var(--good)}.notice{color:var(--quiet)}
.sentence{font-size:1.05rem}
.word{font-weight:700;text-transform:uppercase;font-size:.8rem;letter-spacing:.04em}
main{display:grid;grid-template-columns:minmax(0,1fr);gap:0}
.found{padding:0 1.25rem}
article{padding:1.25rem 0;border-bottom:1px solid var(--line)}
article:last-child{border-bottom:0}
nav ul,.time{list-style:none;margin:.5rem 0;padding:0}
nav li{margin:.25rem 0}
.time li{display:grid;grid-template-columns:6.5rem 1fr;gap:.75rem;border-left:3px solid var(--line);padding:.15rem 0 .15rem .75rem}
.time li.fatal,.time li.error,.time li.warning{border-color:currentColor}
.time li>span:last-child{color:var(--text)}
.time .when{font-variant-numeric:tabular-nums;color:var(--quiet);text-align:right}
.strip{display:block;width:100%;height:18px;color:var(--quiet)}
.stack{list-style:none;margin:.4rem 0;padding:0}
.stack li{padding:.15rem .5rem;border-left:3px solid transparent}
.stack li.culprit{border-color:var(--error);background:var(--panel);font-weight:700}
.stack li.inline{padding-left:1.5rem}
.stack .where{color:var(--quiet);font-weight:400}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2rem 1rem;margin:.4rem 0}
dt{color:var(--quiet)}dd{margin:0}
.registers{grid-template-columns:repeat(auto-fill,minmax(15rem,1fr))}
.registers div{display:grid;grid-template-columns:4rem 1fr;gap:.5rem}
details{margin:.5rem 0}
summary{cursor:pointer;color:var(--link)}
mark{background:var(--mark);color:inherit}
.here{background:var(--mark);font-weight:700}
.log{background:var(--panel);border-top:1px solid var(--line);padding:1rem 0;min-width:0}
.log h2{padding:0 1rem;font-family:system-ui,sans-serif}
.log ol{list-style:none;margin:0;padding:0;overflow-x:auto}
.log li{display:grid;grid-template-columns:4rem minmax(0,1fr);gap:.75rem;padding:0 1rem 0 0;border-left:4px solid transparent;white-space:pre-wrap;content-visibility:auto;contain-intrinsic-size:auto 1.2rem}
.log li>a{color:var(--quiet);text-align:right;text-decoration:none;user-select:none}
.log li.fatal,.log li.error,.log li.warning{border-color:currentColor;background:var(--mark)}
.log li>span{color:var(--text)}
.log li:target,.log li:target.error,.log li:target.fatal,.log li:target.warning{background:var(--target)}
.log summary{padding:.25rem 1rem}
.log .gap{padding:.5rem 1rem;color:var(--quiet)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media (min-width:72rem){
main{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
.log{border-top:0;border-left:1px solid var(--line);position:sticky;top:0;max-height:100vh;overflow-y:auto}
}
@media (max-width:40rem){
header,.found,footer{padding-left:.9rem;padding-right:.9rem}
.time li{grid-template-columns:1fr;gap:0}.time .when{text-align:left}
.log li{grid-template-columns:2.6rem minmax(0,1fr);gap:.5rem}
dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}
}
@media print{.log{max-height:none}details>*{display:block}}
`;
