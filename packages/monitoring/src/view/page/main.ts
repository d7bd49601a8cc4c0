import { CLIENT_CHARTS, FLOW_CHARTS, KEY_BARS } from '../key-panels.ts'
import { rangeNamed } from '../ranges.ts'
import { verdictOf } from '../verdict.ts'
import type { ViewAnswer } from '../view-data.ts'
import { showAlerts } from './alerts.ts'
import { barsIn } from './bars.ts'
import { chartIn } from './chart.ts'
import { byId, setText, within } from './elements.ts'
import { showServices } from './services.ts'

/** How often the page asks for new data (ms). */
const INTERVAL = 5_000
const REQUEST_LIMIT = 20_000

const sectionOf = (id: string) => within(document.body, `[data-panel="${id}"]`)
const linked = [...CLIENT_CHARTS, ...FLOW_CHARTS, ...KEY_BARS].map(({ id }) => ({
  id,
  link: within(sectionOf(id), 'h2 a')
}))
const charts = [...CLIENT_CHARTS, ...FLOW_CHARTS].map(key => chartIn(sectionOf(key.id), key))
const bars = KEY_BARS.map(key => barsIn(sectionOf(key.id), key))
const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' })

let last: ViewAnswer | undefined
let asking = new AbortController()
let timer = 0

/** Asks the server for the chosen period. If it does not answer, the last data stay, with the problem. */
async function ask(range: string, signal: AbortSignal): Promise<ViewAnswer> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT)])
    const answer = await fetch(`/api/view?range=${range}`, { signal: limit })
    if (!answer.ok) throw new Error(await answer.text())
    return (await answer.json()) as ViewAnswer
  } catch {
    const problem = "The operator's view does not answer"
    return last?.data ? { data: last.data, problem } : { problem }
  }
}

async function refresh() {
  asking.abort()
  clearTimeout(timer)
  asking = new AbortController()
  const { signal } = asking
  if (!document.hidden) {
    const answer = await ask(chosenRange(), signal)
    if (signal.aborted) return // a newer request has begun
    last = answer
    show()
  }
  timer = setTimeout(refresh, INTERVAL)
}

function show() {
  const { level, title, detail } = verdictOf(last, Date.now())
  document.body.dataset.level = level
  document.body.classList.toggle('stale', last?.problem !== undefined)
  setText(byId('title'), title)
  setText(byId('detail'), detail)
  document.title = `${title} · Bulkhead`
  const data = last?.data
  byId('time').textContent = data ? timeFormat.format(data.at) : '--:--:--'
  within(document.body, 'main').setAttribute('aria-busy', String(last === undefined))
  showAlerts(data, last?.problem)
  showServices(data, last?.problem)
  for (const { id, link } of linked) {
    const address = data?.panels[id]?.link
    if (address) link.setAttribute('href', address)
  }
  for (const chart of charts) chart.show(data, last?.problem)
  for (const bar of bars) bar.show(data, last?.problem)
}

const ranges = [...document.querySelectorAll<HTMLInputElement>('input[name=range]')]
const chosenRange = () => ranges.find(({ checked }) => checked)?.value ?? ''

// The period is in the address, so that a bookmark of a wall keeps it.
const wanted = rangeNamed(new URLSearchParams(location.search).get('range'))
for (const input of ranges) {
  input.checked = input.value === wanted?.name || (!wanted && input === ranges[0])
  input.addEventListener('change', () => {
    history.replaceState(undefined, '', `?range=${input.value}`)
    void refresh()
  })
}
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh()
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const chart of charts) chart.redraw()
})
void refresh()
