import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { type Call, HeldBack, RequestFailed } from './gateway.ts'

const SESSIONS = '/api/v1/identity/sessions'
/** How long a token is used (ms). It is valid for a quarter of an hour. */
const TOKEN_AGE = 600_000

/** The format of BOOTSTRAP_ACCOUNTS_FILE. The IDs begin with `cus` or `stf`. */
const accountsSchema = z.array(z.object({ id: z.string(), email: z.string(), password: z.string() }))

export type Account = z.infer<typeof accountsSchema>[number]

/** The accounts that shoppers may use: a customer, and a member of staff who restocks. Both may be missing. */
export type Accounts = { customer?: Account | undefined; staff?: Account | undefined }

/** A session, from its sign-in. */
export type Session = { accessToken: string; refreshToken: string }

/** Reads an accounts file. Rejects if it is missing or has another format. The error has none of its content. */
export async function readAccounts(file: string): Promise<Accounts> {
  const text = await readFile(file, 'utf8')
  const parsed = accountsSchema.safeParse(parseJson(text))
  if (!parsed.success) throw new Error(`${file} is not a list of accounts with id, email and password`)
  const accountOf = (prefix: string) => parsed.data.find(({ id }) => id.startsWith(`${prefix}_`))
  return { customer: accountOf('cus'), staff: accountOf('stf') }
}

/** Signs an account in. */
export async function signIn(call: Call, { email, password }: Account): Promise<Session> {
  const body = { email, password, refresh: 'body' }
  return (await call('sign in', [201], 'POST', SESSIONS, { body })).body
}

/** Ends a session. */
export async function signOut(call: Call, { refreshToken }: Session) {
  await call('sign out', [204], 'POST', `${SESSIONS}/sign-out`, { body: { refreshToken } })
}

/**
 * Returns a function that resolves with an access token of an account. It signs in when it is first called, and again after ten minutes,
 * and ends the session before.
 */
export function tokenKeeper(call: Call, account: Account): () => Promise<string> {
  let session: Promise<Session> | undefined
  let until = 0

  async function renew(before: Promise<Session> | undefined): Promise<Session> {
    const next = await signIn(call, account)
    if (before) await before.then(last => signOut(call, last)).catch(ignoreRefusal)
    return next
  }

  return async () => {
    if (Date.now() > until) {
      session = renew(session)
      until = Date.now() + TOKEN_AGE
      session.catch(() => {
        until = 0
      })
    }
    return (await session!).accessToken
  }
}

/** The statistics have counted the refusal, and the session expires anyway. */
function ignoreRefusal(error: unknown) {
  if (!(error instanceof RequestFailed || error instanceof HeldBack)) throw error
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // `readAccounts` reports the file
  }
}
