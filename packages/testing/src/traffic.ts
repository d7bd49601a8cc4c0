import type { Ask } from './story.ts'

/** One request of a load, and what is made of its answer. Any status but the expected ones is a failure. */
export type Sent = {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  token?: string | undefined
  headers?: Record<string, string>
  body?: object
  expected: number[]
  /** Told of the answer, once it is one of the expected. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
  answered?: (body: any) => void
}

/** What is sent to one service: reads, writes, and afterwards, as often as it is asked, what its books have not of what was acknowledged. */
export type Traffic = { read: () => Sent; write: () => Sent; check: () => Promise<string[]> }

/** What traffic is made of: the stack's gateway, and the traffic of other services. */
export type TrafficSetting = {
  ask: Ask
  /** Of the demo people. */
  tokens: Record<'customer' | 'staff', string>
  /** Opens that of another service. Fails for one without. */
  of: (service: string) => Promise<Traffic>
}

/** Makes what is there to be read, and then the traffic: what a service's test/traffic.ts exports as `traffic`, for `make test-cluster`. */
export type OpenTraffic = (setting: TrafficSetting) => Promise<Traffic>

/** One of them, by chance. */
export const any = <T>(all: T[]): T => all[Math.floor(Math.random() * all.length)]!
