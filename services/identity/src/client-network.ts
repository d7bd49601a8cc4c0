import type { ClientNetwork } from './passwords/queue.ts'

/** Reads a header of the request by its name, in lower case. */
export type Header = (name: string) => string | undefined

/** The network of the client, which the gateway puts in X-Forwarded-For in place of what the client claims. */
export const networkIn = (header: Header): ClientNetwork => header('x-forwarded-for')
