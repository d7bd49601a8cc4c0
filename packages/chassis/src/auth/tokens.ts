import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify
} from 'jose'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import * as z from 'zod'
import {
  ANONYMOUS,
  type CacheCounter,
  type Caller,
  type Clock,
  cacheCounter,
  type FailureLog,
  failureLog,
  idSchema,
  systemClock,
  unauthenticated,
  unavailable
} from '../core/index.ts'
import { verifiedTokens } from './verified-tokens.ts'

/** Maximum size of an `Authorization` header, in bytes. Node reads headers as Latin-1, so a character is a byte. */
const MAX_BYTES = 8_192
/** Matches a token in the compact serialization (RFC 7515, section 7.1). The signature is empty if `alg` is `none`. */
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]*$/
const SERVICE_ACCOUNT = /^system:serviceaccount:([a-z0-9][a-z0-9-]{0,62}):([a-z0-9][a-z0-9.-]{0,252})$/

/** The time-out of reading a key set, the pauses after a failure and after an unknown key, and the age from which keys are read again. */
const READ_TIMEOUT_MS = 3_000
const PAUSE_AFTER_FAILURE_MS = 1_000
const PAUSE_AFTER_UNKNOWN_KEY_MS = 5_000
const MAX_AGE_MS = 600_000
/** The pause between two attempts to read a key set ahead. */
const READ_AHEAD_PAUSE_MS = 2_000

/** An issuer: its name, which is the claim `iss` of its tokens, and the `http:`, `https:` or `file:` URL of its key set (RFC 7517). */
type TokenIssuer = { issuer: string; jwks: string }

export type TokenVerifierOptions = {
  /** The name of this service. Tokens of services must have it as their audience. */
  service: string
  people: TokenIssuer
  /** `namespace` is the Kubernetes namespace of our services. Service accounts of other namespaces are refused. */
  services: TokenIssuer & { namespace: string }
  clock?: Clock
  log: Logger
  /** Gets the metrics of the caches. By default, nobody reads them. */
  registry?: Registry
  /** Reads the keys at once, and retries until it succeeds. The service then has keys even if the issuer becomes unavailable later. */
  readAhead?: boolean
  /** Maximum number of verified tokens in the cache. */
  cacheSize?: number
}

/**
 * Verifies an `Authorization` header and returns the caller. The header must have a Bearer token (RFC 6750) that is a JWT (RFC 7519) of a
 * person (RFC 9068) or of a Kubernetes service account. Without a header the caller is anonymous. A token that was verified before is
 * looked up synchronously until it expires. Throws or rejects with a 401 `unauthenticated` for any other header; its detail says what is
 * wrong and never has the token. Throws or rejects with a 503 `unavailable` while the issuer's key set can't be read.
 */
export type TokenVerifier = (authorization: string | undefined) => Promise<Caller> | Caller

/** Creates the verifier of a service. */
export function tokenVerifier({
  service,
  people,
  services,
  clock = systemClock,
  log,
  registry = new Registry(),
  readAhead = false,
  cacheSize = 10_000
}: TokenVerifierOptions): TokenVerifier {
  const verified = verifiedTokens(cacheSize, clock, cacheCounter(registry, 'verified-tokens'))
  const keyRequests = cacheCounter(registry, 'key-sets')
  const issuers = [
    {
      issuer: people.issuer,
      keys: keySet(people.jwks, readAhead, log, keyRequests),
      rules: { typ: 'at+jwt', audience: 'bulkhead', algorithms: ['EdDSA'] },
      callerOf: personOf
    },
    {
      issuer: services.issuer,
      keys: keySet(services.jwks, readAhead, log, keyRequests),
      rules: { audience: service, algorithms: ['EdDSA', 'RS256', 'ES256'] },
      callerOf: (payload: JWTPayload) => serviceOf(payload, services.namespace)
    }
  ]

  async function verify(token: string): Promise<Caller> {
    if (!COMPACT_JWS.test(token)) throw unauthenticated('The token is malformed')
    try {
      const { iss } = decodeJwt(token)
      const knownIssuer = issuers.find(({ issuer }) => issuer === iss)
      if (!knownIssuer) throw unauthenticated('The issuer of the token is not known')
      const { issuer, keys, rules, callerOf } = knownIssuer
      const options: JWTVerifyOptions = { ...rules, issuer, requiredClaims: ['exp'], currentDate: clock.now() }
      const { payload } = await jwtVerify(token, keys, options)
      const caller = Object.freeze(callerOf(payload))
      verified.add(token, caller, payload.exp! * 1_000)
      return caller
    } catch (error) {
      throw error instanceof errors.JOSEError ? unauthenticated(describeError(error)) : error
    }
  }

  return authorization => {
    if (authorization === undefined) return ANONYMOUS
    if (authorization.length > MAX_BYTES) throw unauthenticated(`The token has more than ${MAX_BYTES} bytes`)
    if (/^bearer\s*$/i.test(authorization)) throw unauthenticated('The Bearer token is empty')
    if (authorization.slice(0, 7).toLowerCase() !== 'bearer ') throw unauthenticated('The scheme must be Bearer')
    const token = authorization.slice(7)
    return verified.callerOf(token) ?? verify(token)
  }
}

/**
 * Returns the keys at a `http:`, `https:` or `file:` URL, for jose. They are read when first needed, every 10 minutes, and for an unknown
 * key ID if the last reading is at least 5 seconds old. While they can't be read, the log has one warning, and the keys of the last reading
 * are used; a token with another key gets a 503 `unavailable`.
 */
function keySet(url: string, readAhead: boolean, log: Logger, requests: CacheCounter): JWTVerifyGetKey {
  const reading = failureLog(log, `Cannot read the key set ${url}; trying again`)
  const read = withPauses(url.startsWith('file:') ? readLocal : fetch, reading)
  let reads = 0
  const set = createRemoteJWKSet(new URL(url), {
    timeoutDuration: READ_TIMEOUT_MS,
    cooldownDuration: PAUSE_AFTER_UNKNOWN_KEY_MS,
    cacheMaxAge: MAX_AGE_MS,
    [customFetch](...request) {
      reads++
      return read(...request)
    }
  })
  if (readAhead) void retryUntilRead(() => set.reload(), reading)
  return async (header, token) => {
    const before = reads
    try {
      const key = await set(header, token)
      if (reads === before) requests.hit()
      else requests.miss()
      return key
    } catch (error) {
      requests.miss()
      if (isTokenError(error)) throw error
      reading.failed(error)
      const lastRead = set.jwks()
      if (!lastRead) throw unavailable('The key set', 1, error)
      return createLocalJWKSet(lastRead)(header, token).catch(() => {
        throw unavailable('The key set', 1, error)
      })
    }
  }
}

/** Calls `read` until it succeeds. */
async function retryUntilRead(read: () => Promise<void>, reading: FailureLog) {
  for (;;) {
    try {
      return await read()
    } catch (error) {
      reading.failed(error)
    }
    await setTimeout(READ_AHEAD_PAUSE_MS, undefined, { ref: false })
  }
}

type Read = (url: string, init: RequestInit) => Promise<Response>

const readLocal: Read = async (url, { signal }) =>
  new Response(await readFile(fileURLToPath(url), { signal: signal ?? undefined }))

/** Wraps `read`: for a second after a failure, further calls reject at once, so that not every request waits for an unavailable issuer. */
function withPauses(read: Read, reading: FailureLog): Read {
  let failure: { error: unknown; time: number } | undefined
  return async (url, init) => {
    if (failure && performance.now() < failure.time + PAUSE_AFTER_FAILURE_MS) throw failure.error
    try {
      const response = await read(url, init)
      const text = await response.text()
      if (!response.ok) throw new Error(`The key set ${url} answered ${response.status}`)
      failure = undefined
      reading.succeeded()
      return new Response(text)
    } catch (error) {
      failure = { error, time: performance.now() }
      throw error
    }
  }
}

/** Returns whether the token, and not the key set, is the reason that no key was found. */
const isTokenError = (error: unknown) =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported

const personClaims = z.object({
  sub: z.union([idSchema('cus'), idSchema('stf')]),
  roles: z
    .array(z.enum(['customer', 'staff']))
    .min(1)
    .max(2)
})

function personOf(payload: JWTPayload): Caller {
  const { data, error } = personClaims.safeParse(payload)
  if (error) throw unauthenticated(`The ${String(error.issues[0]!.path[0])} of the token is not valid`)
  Object.freeze(data.roles)
  return { kind: 'person', id: data.sub, roles: data.roles }
}

function serviceOf({ sub }: JWTPayload, ownNamespace: string): Caller {
  const [, namespace, name] = (typeof sub === 'string' && SERVICE_ACCOUNT.exec(sub)) || []
  if (!name || namespace !== ownNamespace) throw unauthenticated('The sub of the token is not valid')
  return { kind: 'service', name }
}

/** Describes an error for the caller. The text has nothing from the token, and no quotes, which would end the challenge's text. */
function describeError(error: errors.JOSEError) {
  if (error instanceof errors.JWTExpired) return 'The token has expired'
  if (error instanceof errors.JWTClaimValidationFailed) return `The ${error.claim} of the token is missing or not valid`
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The algorithm of the token is not allowed'
  if (error instanceof errors.JWKSNoMatchingKey) return 'The key of the token is not known'
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'The token does not name its key'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token is wrong'
  return 'The token is malformed'
}
