import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Accounts, readAccounts } from '@bulkhead/load/gateway/accounts'
import { type Load, startLoad } from '@bulkhead/load/load'
import { type Figures, failedShare } from '@bulkhead/load/report/statistics'
import { summaryBlock, summaryLine } from '@bulkhead/load/report/summary'
import type { Command } from '../command-line/command.ts'
import { parseDuration } from '../command-line/duration.ts'
import { parseNumber, RATES } from '../command-line/number.ts'
import { Failure, reasonOf } from '../failure.ts'
import { liveBlock } from '../output/live-block.ts'
import { handleInterrupts } from '../processes/interrupts.ts'
import { localUrl, type Stack } from '../services/stack.ts'
import { demoAccountsFile } from '../tokens/development-keys.ts'

/** How often the summary is drawn on a terminal, and printed elsewhere (ms). */
const [DRAWN_EVERY, PRINTED_EVERY] = [500, 10_000]
const ANSWER_LIMIT = 10_000

/** `bulkhead load` */
export const loadCommand: Command = {
  usage: 'load [--rate N] [--duration TIME] [--shoppers N] [--url URL] [--accounts FILE] [--allow-failed PERCENT]',
  summary: 'play shoppers who browse, fill carts, order and pay, and show a live summary',
  details: `--rate N            journeys that begin per second, on average, at random times (default: 5). A journey has about 6 requests
--duration TIME     end after this time, such as 90s, 10m or 2h (default: until Ctrl-C)
--shoppers N        journeys in progress at most (default: 100). Above that, new ones are dropped and counted
--url URL           the address of any gateway (default: that of the running stack of this PORT_BASE)
--accounts FILE     a customer and a member of staff in the format of BOOTSTRAP_ACCOUNTS_FILE (default: the demo accounts of the stack
                    on this machine; with --url: none). Without a customer, all shoppers are guests. Without staff, nothing is restocked
--allow-failed P    exit with 1 if more than this percentage of the requests failed (default: 1)

Journeys begin whether or not earlier ones are over. One address may place 60 orders a minute as guests, an account 60 more, and guests may
make 120 carts a minute. Up to a rate of 6, the shoppers stay below these limits, or 5 without a customer. Above it, the gateway answers 429.
These answers count as limited, not as failed, and the shoppers send no such request until its Retry-After is over.

Products that are sold out are a normal end of a journey; staff then adds 50 pieces. At most 50 abandoned carts are kept. The orders stay.
Journeys of services that do not run are left out. For a gateway with a certificate of its own authority, set NODE_EXTRA_CA_CERTS.
Ctrl-C lets each shopper finish its request and prints the summary. A second Ctrl-C ends at once.`,
  examples: [
    ['bulkhead load', 'shoppers at the running stack, until Ctrl-C'],
    ['bulkhead load --rate 20 --duration 1m', 'more shoppers, for a minute'],
    ['bulkhead load --url https://shop.example.com --rate 1', 'guests at another gateway']
  ],
  options: {
    rate: { type: 'string', default: '5' },
    duration: { type: 'string' },
    shoppers: { type: 'string', default: '100' },
    url: { type: 'string' },
    accounts: { type: 'string' },
    'allow-failed': { type: 'string', default: '1' }
  },
  async run({ stack, options }) {
    const rate = parseNumber(String(options.rate), '--rate', RATES)
    const shoppers = parseNumber(String(options.shoppers), '--shoppers', { least: 1, most: 10_000, isWhole: true })
    const allowed = parseNumber(String(options['allow-failed']), '--allow-failed', { least: 0, most: 100 })
    const milliseconds =
      options.duration === undefined ? undefined : parseDuration(String(options.duration), '--duration')
    const given = options.url === undefined ? undefined : parseUrl(String(options.url))
    const url = given ?? localUrl(stack.portBase)
    const file = options.accounts === undefined ? undefined : String(options.accounts)
    const accounts = await accountsOf(file ?? (given === undefined ? localAccounts(stack) : undefined))
    await requireGateway(url, given === undefined)
    const { stop } = handleInterrupts()
    const close = new AbortController()
    const timer = milliseconds === undefined ? undefined : setTimeout(() => close.abort(), milliseconds)
    console.log(`Playing ${rate} shoppers a second at ${url}${accounts.customer ? '' : ', all of them guests'}`)
    const load = startLoad({ url, rate, shoppers, accounts, close: close.signal, leave: stop })
    const figures = await showUntilEnd(load, stop)
    clearTimeout(timer)
    const percent = 100 * failedShare(figures)
    if (percent <= allowed) return 0
    console.error(`bulkhead: ${percent.toFixed(1)} % of the requests failed, and ${allowed} % may`)
    return 1
  }
}

/** Shows the summary until the load ends: as a block of a terminal, else as lines. Then prints it, and resolves with the figures. */
async function showUntilEnd({ figures, ended }: Load, stop: AbortSignal): Promise<Figures> {
  const block = liveBlock(process.stdout)
  const show = () => {
    if (!process.stdout.isTTY) return console.log(summaryLine(figures()))
    block.show([...summaryBlock(figures()), '', stop.aborted ? 'Ending: waiting for answers' : 'Ctrl-C ends the load'])
  }
  const timer = setInterval(show, process.stdout.isTTY ? DRAWN_EVERY : PRINTED_EVERY)
  try {
    await ended
  } finally {
    clearInterval(timer)
    block.clear()
    console.log(summaryBlock(figures()).join('\n'))
  }
  return figures()
}

function parseUrl(text: string): string {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol)) return url.href.replace(/\/$/, '')
  throw new Failure(`--url is "${text}"`, 'Give the address of a gateway, such as https://shop.example.com')
}

function localAccounts({ folder }: Stack): string | undefined {
  const file = demoAccountsFile(join(folder, 'keys'))
  return existsSync(file) ? file : undefined
}

async function accountsOf(file: string | undefined): Promise<Accounts> {
  if (file === undefined) return {}
  return readAccounts(file).catch(cause => {
    throw new Failure(`cannot read the accounts: ${(cause as Error).message}`, undefined, { cause })
  })
}

/** Fails if nothing answers at the address. */
async function requireGateway(url: string, isLocal: boolean) {
  const answer = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(ANSWER_LIMIT) }).catch(cause => {
    const cure = isLocal ? 'Is the stack up? make status' : 'Check the address'
    throw new Failure(`no answer from ${url} (${reasonOf(cause)})`, cure, { cause })
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new Failure(`${url} is not a gateway: /openapi.json answers ${answer.status}`)
}
