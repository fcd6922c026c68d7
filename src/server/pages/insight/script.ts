/**
 * Draws a chart above each table, from the table: what the chart shows can be read without it. Colours are those of the page, also when
 * the browser goes dark, and on paper.
 */
export const SCRIPT = `'use strict'
{
  const charts = []
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

  const inWords = (value, unit) => {
    if (unit === 'RATIO') return (value * 100).toFixed(0) + ' %'
    if (unit !== 'SECONDS') return value.toLocaleString('en')
    return value < 90 ? value.toFixed(0) + ' s' : value < 5400 ? (value / 60).toFixed(0) + ' min' : (value / 3600).toFixed(1) + ' h'
  }

  const draw = (table) => {
    const kind = table.dataset.chart
    const unit = table.dataset.unit
    const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent)
    const rows = [...table.tBodies[0].rows]
    const valueOf = (cell) => (cell?.dataset.value === undefined ? null : Number(cell.dataset.value))
    const shown = kind === 'steps' ? names.slice(0, 1) : names
    const box = table.closest('section').querySelector('.chart')
    box.hidden = false
    const isLine = kind === 'line'
    const isStacked = kind === 'bar' && unit === 'COUNT'
    const axis = { grid: { color: color('--line') }, ticks: { color: color('--quiet'), maxRotation: 0, autoSkipPadding: 16 } }
    charts.push(new Chart(box.querySelector('canvas'), {
      type: isLine ? 'line' : 'bar',
      data: {
        labels: rows.map((row) => row.cells[0].textContent),
        datasets: shown.map((label, index) => ({
          label,
          data: rows.map((row) => valueOf(row.cells[index + 1])),
          borderColor: color('--c' + (index % 8)),
          backgroundColor: color('--c' + (index % 8)),
          borderWidth: isLine ? 2 : 0,
          pointRadius: rows.length > 40 ? 0 : 2,
          tension: 0.2,
          spanGaps: false,
        })),
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        indexAxis: kind === 'steps' ? 'y' : 'x',
        interaction: { mode: 'index', intersect: false },
        plugins: {
          legend: { display: kind === 'bar', position: 'bottom', labels: { color: color('--ink'), boxWidth: 12 } },
          tooltip: { callbacks: { label: ({ dataset, raw }) => dataset.label + ': ' + inWords(raw, unit) } },
        },
        scales:
          kind === 'steps'
            ? { x: { ...axis, beginAtZero: true }, y: axis }
            : {
                x: { ...axis, stacked: isStacked },
                y: {
                  ...axis,
                  stacked: isStacked,
                  beginAtZero: true,
                  ticks: { ...axis.ticks, maxTicksLimit: 6, callback: (value) => inWords(value, unit) },
                },
              },
      },
    }))
  }

  const drawAll = () => {
    while (charts.length > 0) charts.pop().destroy()
    document.querySelectorAll('table[data-chart]').forEach(draw)
  }

  drawAll()
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll)
  matchMedia('print').addEventListener('change', drawAll)
}
`
