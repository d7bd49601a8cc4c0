import type { Panel } from './panel.ts'
import { ofService, rate, series, sumBy } from './queries.ts'

/** The gateway's limits for clients. */
export function clientLimits(): Panel[] {
  const own = ofService('gateway')
  return [
    {
      title: 'Requests over a limit',
      description:
        'Requests per second that got a 429, by limit. A single client is cut off; if many are, raise the limits of the gateway.',
      unit: 'per-second',
      queries: [{ expr: sumBy('limit', rate('bulkhead_rate_limit_refused_total', own)), legend: '{{limit}}' }]
    },
    {
      title: 'Requests without a limit',
      description:
        'Requests per second that passed a limit because Redis was away or late. Look at the store of the gateway.',
      unit: 'per-second',
      limit: { bad: 1 },
      queries: [{ expr: sumBy('limit', rate('bulkhead_rate_limit_open_total', own)), legend: '{{limit}}' }]
    },
    {
      title: 'Open event streams',
      description: 'Event streams that clients hold open, by service.',
      unit: 'short',
      queries: [{ expr: sumBy('target', series('bulkhead_open_streams', own)), legend: '{{target}}' }]
    }
  ]
}

/** The work on passwords, which takes a core for a while, and stolen tokens. */
export function passwords(): Panel[] {
  const own = ofService('identity')
  return [
    {
      title: 'Work on passwords',
      description:
        'Passwords that are being hashed, and those that wait for it. A long queue makes sign-ins slow: add replicas.',
      unit: 'short',
      queries: [
        { expr: `sum(${series('bulkhead_password_work_running', own)})`, legend: 'running' },
        { expr: `sum(${series('bulkhead_password_work_waiting', own)})`, legend: 'waiting' }
      ]
    },
    {
      title: 'Sign-ins refused because of load',
      description:
        'Requests per second that found the queue of passwords full. If they come from few networks, it is an attack.',
      unit: 'per-second',
      queries: [{ expr: `sum(${rate('bulkhead_password_work_refused_total', own)})`, legend: 'refused' }]
    },
    {
      title: 'Refresh tokens used twice',
      description: 'Per second. A token that is used twice was probably stolen; identity has ended its session.',
      unit: 'per-second',
      queries: [{ expr: `sum(${rate('bulkhead_refresh_tokens_reused_total', own)})`, legend: 'reused' }]
    }
  ]
}
