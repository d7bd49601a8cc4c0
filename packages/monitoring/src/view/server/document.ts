import { marked } from 'marked'
import { CLIENT_CHARTS, FLOW_CHARTS, KEY_BARS, type KeyPanel, SERVICE_COLUMNS } from '../key-panels.ts'
import { RANGES } from '../ranges.ts'

/** The tools that the page links to. */
export type DocumentOptions = { prometheus: string; alertmanager: string }

/**
 * Returns the page without data. Every part has its place from the start, so that nothing moves when data arrive.
 */
export function documentOf({ prometheus, alertmanager }: DocumentOptions): string {
  return page(
    'Loading · Bulkhead',
    `<body data-level="unknown">
<header>
  <div class="verdict" role="status" aria-atomic="true">
    ${MARKS}
    <div><h1 id="title">Loading</h1><p id="detail">Asking Prometheus</p></div>
  </div>
  <div class="controls">
    <fieldset class="ranges"><legend>Period</legend>
      ${RANGES.map(rangeButton).join('\n      ')}
    </fieldset>
    <p class="clock"><span id="time">--:--:--</span></p>
    <nav aria-label="Tools"><a href="${prometheus}/alerts">Prometheus</a> <a href="${alertmanager}/">Alertmanager</a></nav>
  </div>
  <noscript>This page needs JavaScript to show live figures.</noscript>
</header>
<main aria-busy="true">
  <section class="alerts" aria-labelledby="alerts-title">
    <h2 id="alerts-title">Alerts</h2>
    <ul id="alerts"></ul><p class="note" id="no-alerts">Loading</p>
  </section>
  ${CLIENT_CHARTS.map(chart).join('\n  ')}
  <section class="services" aria-labelledby="services-title">
    <h2 id="services-title">Services</h2>
    <table>
      <thead><tr><th scope="col">Service</th>${SERVICE_COLUMNS.map(({ panel }) => `<th scope="col" title="${escaped(panel.description)}">${panel.title}</th>`).join('')}</tr></thead>
      <tbody id="services"></tbody>
    </table>
    <p class="note" id="no-services">Loading</p>
  </section>
  ${KEY_BARS.map(bars).join('\n  ')}
  ${FLOW_CHARTS.map(chart).join('\n  ')}
</main>
</body>`,
    '<script type="module" src="/view.js"></script>'
  )
}

/** Returns the page of a runbook, which is written in Markdown. */
export const runbookDocument = (alert: string, markdown: string): string =>
  page(
    `${escaped(alert)} · Bulkhead`,
    `<body class="runbook"><nav><a href="/">Operator's view</a></nav><main>${marked.parse(markdown, { async: false })}</main></body>`
  )

const page = (title: string, body: string, head = '') => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 12l4-5 3 3 5-7' fill='none' stroke='%230072b2' stroke-width='2.5'/%3E%3C/svg%3E">
<link rel="stylesheet" href="/view.css">
${head}
</head>
${body}
</html>
`

/** A mark of its own shape for each level, because colours alone do not tell levels apart. The style shows the one of the current level. */
const MARKS = `<svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <g class="well"><circle cx="12" cy="12" r="11"/><path d="M6.5 12.5l3.8 3.8 7.2-8"/></g>
      <g class="warning"><path class="shape" d="M12 1.5L23.5 22H.5z"/><path d="M12 9v6M12 18v.6"/></g>
      <g class="bad"><path class="shape" d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z"/><path d="M8 8l8 8M16 8l-8 8"/></g>
      <g class="unknown"><rect x="1" y="1" width="22" height="22" rx="5"/><path d="M8.7 9.2a3.3 3.3 0 1 1 4.9 2.9c-1.1.6-1.6 1.2-1.6 2.4M12 17.6v.6"/></g>
    </svg>`

const rangeButton = ({ name, label }: (typeof RANGES)[number], place: number) =>
  `<label><input type="radio" name="range" value="${name}"${place === 0 ? ' checked' : ''}><span>${label}</span></label>`

const chart = ({ id, panel }: KeyPanel) => `<section class="chart" data-panel="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title"><a title="${escaped(panel.description)} Opens the query in Prometheus.">${panel.title}</a></h2>
    <p class="headline">–</p>
    <div class="plot" aria-hidden="true"></div><p class="note">Loading</p>
    <ul class="legend"></ul>
  </section>`

const bars = ({
  id,
  panel
}: KeyPanel) => `<section class="${panel.kind}" data-panel="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title"><a title="${escaped(panel.description)} Opens the query in Prometheus.">${panel.title}</a></h2>
    <ul class="values"></ul><p class="note">Loading</p>
  </section>`

const escaped = (text: string) => text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
