import { setTimeout as delay } from 'node:timers/promises'
import { BadConfiguration, readConfig, serviceLog } from '@bulkhead/chassis/core'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { readAccounts } from './gateway/accounts.ts'
import { startLoad } from './load.ts'
import type { Figures } from './report/statistics.ts'
import { summaryLine } from './report/summary.ts'

// Plays shoppers until SIGTERM, and writes a line to its log every half minute. `make up LOAD=1` and the chart `load` run this program.

/** How often a line is logged (ms). */
const INTERVAL = 30_000

const environment = z.object({
  /** The address of the gateway. */
  GATEWAY_URL: z.url().transform(url => url.replace(/\/$/, '')),
  /** The mean number of journeys that begin per second. */
  LOAD_RATE: z.coerce.number().positive().max(1_000).default(1),
  /** Maximum number of journeys in progress. */
  LOAD_SHOPPERS: z.coerce.number().int().min(1).max(10_000).default(100),
  /** A file with a customer and a member of staff, in the format of BOOTSTRAP_ACCOUNTS_FILE. */
  LOAD_ACCOUNTS_FILE: z.string().optional(),
  LOG_LEVEL: z.string().default('info')
})

const settings = readSettings()
const log = serviceLog({ service: 'load', version: manifest.version, level: settings.LOG_LEVEL })
const leaving = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => leaving.abort())

const { figures, ended } = startLoad({
  url: settings.GATEWAY_URL,
  rate: settings.LOAD_RATE,
  shoppers: settings.LOAD_SHOPPERS,
  accounts: settings.LOAD_ACCOUNTS_FILE ? await readAccounts(settings.LOAD_ACCOUNTS_FILE) : {},
  close: leaving.signal,
  leave: leaving.signal
})
log.info({ url: settings.GATEWAY_URL, rate: settings.LOAD_RATE }, 'ready')
const stop = new AbortController()
void ended.catch(() => undefined).finally(() => stop.abort())
let before: Figures | undefined
while (!stop.signal.aborted) {
  await delay(INTERVAL, undefined, { signal: stop.signal }).catch(() => undefined)
  before = tell(figures(), before)
}
await ended
log.info('stopped')

/** Reads the settings. Ends the process with all problems if they are not valid. */
function readSettings(): z.infer<typeof environment> {
  try {
    return readConfig(environment, process.env)
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

/** Logs the figures: as a warning if requests failed or journeys were dropped since the last line. */
function tell(now: Figures, before: Figures | undefined): Figures {
  const troubles = ({ requests, dropped }: Figures) => requests.failed + dropped.full + dropped.late
  const level = troubles(now) > (before ? troubles(before) : 0) ? 'warn' : 'info'
  log[level]({ figures: { ...now, steps: undefined } }, summaryLine(now))
  return now
}
