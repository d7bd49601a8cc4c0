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
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import * as z from 'zod'
import {
  ANONYMOUS,
  type Caller,
  type Clock,
  type FailureLog,
  failureLog,
  idSchema,
  systemClock,
  unauthenticated,
  unavailable
} from '../core/index.ts'

/** The most bytes of an `Authorization` header. Node reads headers as Latin-1: a byte a character. */
const MOST_BYTES = 8_192
/** The compact serialization (RFC 7515, section 7.1). The signature is empty where `alg` is `none`. */
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]*$/
const SERVICE_ACCOUNT = /^system:serviceaccount:([a-z0-9][a-z0-9-]{0,62}):([a-z0-9][a-z0-9.-]{0,252})$/

/** How long the reading of a key set may take, and how long to wait after one that failed or found nothing new. Milliseconds. */
const READ_LIMIT = 3_000
const PAUSE_AFTER_FAILURE = 1_000
const PAUSE_AFTER_UNKNOWN_KEY = 5_000
const KEYS_MAX_AGE = 600_000
const READ_AHEAD_PAUSE = 2_000

/** An issuer's name, as in `iss`, and the `http:`, `https:` or `file:` URL of its key set (RFC 7517). */
type TokenIssuer = { issuer: string; jwks: string }

export type TokenVerifierOptions = {
  /** The name of this service: the audience that tokens of services must have. */
  service: string
  people: TokenIssuer
  /** `namespace`: where our services live. A service account of the same name elsewhere is a stranger. */
  services: TokenIssuer & { namespace: string }
  clock?: Clock
  log: Logger
  /** Reads the keys at once, again and again until it can: an issuer that goes away later is not missed then. */
  readAhead?: boolean
  /** How many verified tokens are remembered at most. */
  cacheSize?: number
}

/**
 * Makes what tells the caller from a request's `Authorization` header: a Bearer token (RFC 6750) that is a JWT (RFC 7519), of a
 * person (RFC 9068) or of a Kubernetes service account. No header makes an anonymous caller. A token verified before answers
 * synchronously until it expires. Throws or rejects with a 401 `unauthenticated` for any other header, its detail naming what
 * is wrong and never the token, and with a 503 `unavailable` while the issuer's key set can't be read.
 */
export function tokenVerifier({
  service,
  people,
  services,
  clock = systemClock,
  log,
  readAhead = false,
  cacheSize = 10_000
}: TokenVerifierOptions): (authorization: string | undefined) => Promise<Caller> | Caller {
  const verified = new LRUCache<string, { caller: Caller; expires: number }>({ max: cacheSize })
  const issuers = [
    {
      issuer: people.issuer,
      keys: keySet(people.jwks, readAhead, log),
      rules: { typ: 'at+jwt', audience: 'bulkhead', algorithms: ['EdDSA'] },
      callerOf: personOf
    },
    {
      issuer: services.issuer,
      keys: keySet(services.jwks, readAhead, log),
      rules: { audience: service, algorithms: ['EdDSA', 'RS256', 'ES256'] },
      callerOf: (payload: JWTPayload) => serviceOf(payload, services.namespace)
    }
  ]

  async function verify(token: string): Promise<Caller> {
    if (!COMPACT_JWS.test(token)) throw unauthenticated('The token is malformed')
    try {
      const { iss } = decodeJwt(token)
      const known = issuers.find(({ issuer }) => issuer === iss)
      if (!known) throw unauthenticated('The issuer of the token is not known')
      const { issuer, keys, rules, callerOf } = known
      const options: JWTVerifyOptions = { ...rules, issuer, requiredClaims: ['exp'], currentDate: clock.now() }
      const { payload } = await jwtVerify(token, keys, options)
      const caller = Object.freeze(callerOf(payload))
      verified.set(token, { caller, expires: payload.exp! * 1_000 })
      return caller
    } catch (error) {
      throw error instanceof errors.JOSEError ? unauthenticated(whatIsWrong(error)) : error
    }
  }

  return authorization => {
    if (authorization === undefined) return ANONYMOUS
    if (authorization.length > MOST_BYTES) throw unauthenticated(`The token is over ${MOST_BYTES} bytes`)
    if (/^bearer\s*$/i.test(authorization)) throw unauthenticated('The Bearer token is empty')
    if (authorization.slice(0, 7).toLowerCase() !== 'bearer ') throw unauthenticated('The scheme must be Bearer')
    const token = authorization.slice(7)
    const hit = verified.get(token)
    if (!hit) return verify(token)
    if (hit.expires > clock.now().getTime()) return hit.caller
    verified.delete(token)
    throw unauthenticated('The token has expired')
  }
}

/**
 * The keys at a `http:`, `https:` or `file:` URL, for jose. Read when first needed, every 10 minutes, and for an unknown key ID if
 * the last reading is 5 seconds old. While it can't be read, the log has one line and the keys read last go on; any other is a 503
 * `unavailable`.
 */
function keySet(url: string, readAhead: boolean, log: Logger): JWTVerifyGetKey {
  const reading = failureLog(log, `The key set ${url} cannot be read and is tried again`)
  const set = createRemoteJWKSet(new URL(url), {
    timeoutDuration: READ_LIMIT,
    cooldownDuration: PAUSE_AFTER_UNKNOWN_KEY,
    cacheMaxAge: KEYS_MAX_AGE,
    [customFetch]: pausing(url.startsWith('file:') ? readLocal : fetch, reading)
  })
  if (readAhead) void untilRead(() => set.reload(), reading)
  return async (header, token) => {
    try {
      return await set(header, token)
    } catch (error) {
      if (isOfToken(error)) throw error
      reading.failed(error)
      const lastRead = set.jwks()
      if (!lastRead) throw unavailable('The key set', 1, error)
      return createLocalJWKSet(lastRead)(header, token).catch(() => {
        throw unavailable('The key set', 1, error)
      })
    }
  }
}

/** Reads until it has succeeded once. */
async function untilRead(read: () => Promise<void>, reading: FailureLog) {
  for (;;) {
    try {
      return await read()
    } catch (error) {
      reading.failed(error)
    }
    await setTimeout(READ_AHEAD_PAUSE, undefined, { ref: false })
  }
}

type Read = (url: string, init: RequestInit) => Promise<Response>

const readLocal: Read = async (url, { signal }) =>
  new Response(await readFile(fileURLToPath(url), { signal: signal ?? undefined }))

/** Fails at once for a while after a failure, so that not every request waits for an issuer that is away. */
function pausing(read: Read, reading: FailureLog): Read {
  let failure: { error: unknown; at: number } | undefined
  return async (url, init) => {
    if (failure && performance.now() < failure.at + PAUSE_AFTER_FAILURE) throw failure.error
    try {
      const response = await read(url, init)
      const text = await response.text()
      if (!response.ok) throw new Error(`The key set ${url} answered ${response.status}`)
      failure = undefined
      reading.succeeded()
      return new Response(text)
    } catch (error) {
      failure = { error, at: performance.now() }
      throw error
    }
  }
}

/** Whether a key wasn't found for what the token says, rather than for what the key set is. */
const isOfToken = (error: unknown) =>
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

function serviceOf({ sub }: JWTPayload, ours: string): Caller {
  const [, namespace, name] = (typeof sub === 'string' && SERVICE_ACCOUNT.exec(sub)) || []
  if (!name || namespace !== ours) throw unauthenticated('The sub of the token is not valid')
  return { kind: 'service', name }
}

/** For the caller: nothing of it comes from the token, and it has no quotes, which would end the challenge's text. */
function whatIsWrong(error: errors.JOSEError) {
  if (error instanceof errors.JWTExpired) return 'The token has expired'
  if (error instanceof errors.JWTClaimValidationFailed) return `The ${error.claim} of the token is missing or not valid`
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The algorithm of the token is not allowed'
  if (error instanceof errors.JWKSNoMatchingKey) return 'The key of the token is not known'
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'The token does not name its key'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token is wrong'
  return 'The token is malformed'
}
