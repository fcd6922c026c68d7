/** The looks of the page. The colours of groups are told apart by people who do not see all colours (Okabe and Ito, 2008), the dark ones lighter. */
export const STYLE = `
:root { --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #cc79a7; --c4: #56b4e9; --c5: #b8860b; --c6: #7a5cc0; --c7: #6b6b6b }
@media (prefers-color-scheme: dark) {
  :root { --c0: #56b4e9; --c1: #f0944d; --c2: #3ccf9f; --c3: #e3a3c6; --c4: #9bd0f5; --c5: #e6c35c; --c6: #b5a0ea; --c7: #b0b0b0 }
}
main { max-width: 1240px }
header p { margin: 0 0 16px; max-width: 70ch }
form { display: flex; flex-wrap: wrap; gap: 14px; align-items: end; margin-bottom: 24px }
label { display: grid; gap: 4px; font-size: 14px; font-weight: 600 }
label.wide { flex: 1; min-width: 220px }
input, select { padding: 9px 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); color: var(--ink); font: inherit; font-weight: 400; min-height: 42px }
form button { padding: 9px 22px; min-height: 42px }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(380px, 100%), 1fr)); gap: 18px; align-items: start }
.card { padding: 20px; gap: 8px; justify-items: stretch; min-width: 0 }
.card.wide { grid-column: 1 / -1 }
h2 { font-size: 18px }
.card .quiet { font-size: 14px; min-height: 3em }
.chart { position: relative; height: 220px }
.table { max-height: 190px; overflow: auto; border-top: 1px solid var(--line) }
.wide .table { max-height: none }
table { width: 100%; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }
th, td { padding: 3px 8px; text-align: right; white-space: nowrap }
th:first-child { text-align: left }
thead th { position: sticky; top: 0; background: var(--card); color: var(--quiet); font-weight: 600 }
tbody th { font-weight: 400 }
tbody tr:nth-child(even) > * { background: color-mix(in srgb, var(--line) 30%, transparent) }
abbr { text-decoration: none; color: var(--quiet) }
${Array.from({ length: 11 }, (_, tenth) => `[data-heat="${tenth}"] { background: color-mix(in srgb, var(--c0) ${tenth * 7}%, transparent) !important }`).join('\n')}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --quiet: #444; --line: #bbb; --accent: #7a3414; --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #cc79a7; --c4: #56b4e9; --c5: #b8860b; --c6: #7a5cc0; --c7: #6b6b6b }
  form { display: none }
  .charts { display: block }
  .card { break-inside: avoid; margin-bottom: 14px }
  .table { max-height: none; overflow: visible }
  canvas { max-width: 100% }
}
`
