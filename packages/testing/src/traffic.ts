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

/** Creates the data that the reads need, and returns the traffic. A service exports it from test/traffic.ts as `traffic`. */
export type OpenTraffic = (setting: TrafficSetting) => Promise<Traffic>

/** A random element. */
export const any = <T>(all: T[]): T => all[Math.floor(Math.random() * all.length)]!
