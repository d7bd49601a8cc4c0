/** The network of a client. Undefined for calls that do not come through the gateway: they count as one client. */
export type ClientNetwork = string | undefined

/** Reads it from X-Forwarded-For, where the gateway replaces the value that the client sent. */
export const clientNetwork = (header: (name: string) => string | undefined): ClientNetwork => header('x-forwarded-for')
