import type { Panel } from './panel.ts'
import { series } from './queries.ts'

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
    queries: [
      {
        expr: `1 - (1 - ${ratio(name, '30d')}) / (1 - ${series(`bulkhead:${name}:target`)})`,
        legend: LEGEND
      }
    ]
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

const ratio = (kind: string, window: string) => series(`bulkhead:${kind}:ratio_rate${window}`)

const nameOf = (kind: string) => kind.charAt(0).toUpperCase() + kind.slice(1)
