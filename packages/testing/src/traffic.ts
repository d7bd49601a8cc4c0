import type { Ask } from './story.ts'

/** One request of a load. Any status but the expected ones is a failure. */
export type Sent = {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  token?: string | undefined
  headers?: Record<string, string>
  body?: object
  expected: number[]
  /** Called with the JSON body of an expected answer. */
  // biome-ignore lint/suspicious/noExplicitAny: each service knows the shape of its answers
  answered?: (body: any) => void
}

/** The load on one service. `check` resolves with a line for each acknowledged write that the service has lost. */
export type Traffic = { read: () => Sent; write: () => Sent; check: () => Promise<string[]> }

/** Access to the stack's gateway and to the traffic of other services. */
export type TrafficSetting = {
  ask: Ask
  /** The tokens of the demo people. */
  tokens: Record<'customer' | 'staff', string>
  /** Opens the traffic of another service. Rejects if it has none. */
  trafficOf: (service: string) => Promise<Traffic>
}

/**
 * Creates the data that the reads need, and returns the traffic. A service exports it as `traffic` from test/traffic.ts, or from
 * test/smoke.ts.
 */
export type OpenTraffic = (setting: TrafficSetting) => Promise<Traffic>

/** Returns a random element. */
export const any = <T>(all: T[]): T => all[Math.floor(Math.random() * all.length)]!

/**
 * Defines traffic that creates resources at a path and reads them, as one of the demo people. Each created resource must exist at the end.
 */
export const creations =
  (path: string, body: object, as: 'customer' | 'staff'): OpenTraffic =>
  async ({ ask, tokens }) => {
    const token = tokens[as]
    const created: string[] = [(await ask(201, 'POST', path, { as, body })).body.id]
    const answered = ({ id }: { id: string }) => created.push(id)
    return {
      read: () => ({ method: 'GET', path: `${path}/${any(created)}`, token, expected: [200] }),
      write: () => ({ method: 'POST', path, token, body, expected: [201], answered }),
      async check() {
        const findings: string[] = []
        for (const id of created) {
          await ask(200, 'GET', `${path}/${id}`, { as }).catch(error => findings.push(error.message))
        }
        return findings
      }
    }
  }
