import type { Panel } from './panel.ts'
import { ofService, series } from './queries.ts'

type Kind = { name: 'availability' | 'latency'; good: string; bad: string }

/** The two promises of each objective. */
const KINDS: Kind[] = [
  { name: 'availability', good: 'answered without a 5xx', bad: 'failed' },
  { name: 'latency', good: 'answered in time', bad: 'were answered too late' }
]

const LEGEND = '{{service}}: {{objective}}'

/** What is left of each budget: the figure to look at before a risky change. */
export function budgets(): Panel[] {
  return KINDS.map(({ name, bad }) => ({
    title: `Budget left: ${name}`,
    description: `Share of the requests that may still fail the objective, of all that may within 30 days. Below 0, more requests ${bad} than promised: stop risky changes, and look at the burn rate.`,
    kind: 'bars',
    unit: 'percent',
    max: 1,
    limit: { warning: 0.25, bad: 0, isBadBelow: true },
    queries: [{ expr: budget(name), legend: LEGEND }]
  }))
}

/** The shares of good requests, and how fast the budgets are used. */
export function ratios(): Panel[] {
  return KINDS.flatMap(({ name, good, bad }): Panel[] => [
    {
      title: `${nameOf(name)} in the last hour`,
      description: `Share of requests that were ${good}, over one hour. There is no line without requests.`,
      unit: 'percent',
      max: 1,
      queries: [{ expr: ratio(name, '1h'), legend: LEGEND }]
    },
    {
      title: `${nameOf(name)}: burn rate`,
      description: `How many times too fast the budget is used: at 1 it lasts exactly 30 days. Above 14.4 for an hour, an alert pages. Open the dashboard of the service and find which operations ${bad}.`,
      unit: 'short',
      limit: { warning: 6, bad: 14.4 },
      queries: [
        { expr: series(`bulkhead:${name}:burn_rate1h`), legend: `${LEGEND}, 1 hour` },
        { expr: series(`bulkhead:${name}:burn_rate6h`), legend: `${LEGEND}, 6 hours` }
      ]
    }
  ])
}

/** The share of good requests over 30 days, and what was promised. */
export function promises(): Panel[] {
  return KINDS.map(({ name, good }) => ({
    title: `${nameOf(name)} over 30 days, and the objective`,
    description: `Share of requests that were ${good}. The objectives are in src/slo.ts of each service.`,
    unit: 'percent',
    max: 1,
    queries: [
      { expr: ratio(name, '30d'), legend: LEGEND },
      { expr: series(`bulkhead:${name}:target`), legend: `${LEGEND}, objective` }
    ]
  }))
}

/** The promises of one service: what it reached in the last hour, what it promised, and what is left of the budgets. */
export function objectivesOf(service: string): Panel[] {
  const own = ofService(service)
  const kept = KINDS.map(
    ({ name, good }): Panel => ({
      title: `${nameOf(name)}, and the objective`,
      description: `Share of requests that were ${good}, over one hour, and the share that the objective promises. A line below its objective uses up the budget: look at the operations below.`,
      unit: 'percent',
      max: 1,
      queries: [
        { expr: ratio(name, '1h', own), legend: '{{objective}}' },
        { expr: series(`bulkhead:${name}:target`, own), legend: '{{objective}}, promised' }
      ]
    })
  )
  return [...kept, budgetOf(own)]
}

function budgetOf(own: string): Panel {
  return {
    title: 'Budget left',
    description:
      'Share of the requests that may still fail the objective, of all that may within 30 days. Below 0, stop risky changes.',
    kind: 'bars',
    unit: 'percent',
    max: 1,
    limit: { warning: 0.25, bad: 0, isBadBelow: true },
    queries: KINDS.map(({ name }) => ({ expr: budget(name, own), legend: `{{objective}}: ${name}` }))
  }
}

const budget = (kind: string, ...matchers: string[]) =>
  `1 - (1 - ${ratio(kind, '30d', ...matchers)}) / (1 - ${series(`bulkhead:${kind}:target`, ...matchers)})`

const ratio = (kind: string, window: string, ...matchers: string[]) =>
  series(`bulkhead:${kind}:ratio_rate${window}`, ...matchers)

const nameOf = (kind: string) => kind.charAt(0).toUpperCase() + kind.slice(1)
