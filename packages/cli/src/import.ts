import { createReadStream, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure, reasonOf } from './failure.ts'
import type { Progress } from './progress-bar.ts'

/** A row that was not taken, and why. */
type RefusedRow = { line: number; column: string; reason: string }

/** The job that catalog makes of an import, as much of it as is read here. */
export type ImportJob = {
  id: string
  state: 'running' | 'done' | 'failed'
  /** Why it failed. */
  reason?: string
  rows: number
  refusedRows: number
  products: number
  created: number
  changed: number
  unchanged: number
  /** Of which `errors` are the first. */
  errorCount: number
  errors: RefusedRow[]
  /** Columns of the file that were not read. */
  unknownColumns: string[]
}

/** The problem (RFC 9457) that the gateway or catalog answers otherwise. */
type Refusal = { title?: string; detail?: string; errors?: { pointer: string; detail: string }[] }

export type ImportOptions = {
  /** The gateway's address. */
  gateway: string
  /** A token of staff. */
  token: string
  /** Of the prices, ISO 4217. */
  currency: string
  progress: (progress: Progress) => void
}

/** Longer than the gateway's own, so that its problem is seen. */
const UPLOAD_LIMIT = 610_000
const ANSWER_LIMIT = 10_000
const STANDSTILL_LIMIT = 60_000
const POLL_INTERVAL = 200
const SHOWN_ERRORS = 10

/** Sends a product file (Shopify's CSV) through the gateway to catalog and waits until catalog has read it all. Resolves with the finished job. */
export async function importProducts(file: string, options: ImportOptions): Promise<ImportJob> {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat) throw new Failure(`there is no file ${file}`)
  if (stat.isDirectory()) throw new Failure(`${file} is a folder`, 'Name a file in it')
  const { size } = stat
  const { id } = await upload(file, size, options)
  let rows = -1
  for (let moved = Date.now(); Date.now() - moved < STANDSTILL_LIMIT; await delay(POLL_INTERVAL)) {
    const job = await ask(`/api/v1/catalog/imports/${id}`, options, { signal: AbortSignal.timeout(ANSWER_LIMIT) })
    if (job.state !== 'running') return job
    options.progress({ done: size, total: size, text: `${job.rows} rows read` })
    if (job.rows !== rows) moved = Date.now()
    rows = job.rows
  }
  throw new Failure(`the import ${id} stands still`, 'See what `make status` and the log of catalog say')
}

/** What became of a file, with the first rows that were refused. */
export function reportOf({ state, reason, rows, products, errors, errorCount, ...rest }: ImportJob): string {
  const { created, changed, unchanged, refusedRows, unknownColumns } = rest
  if (state === 'failed' && rows === 0) return `Import failed, and nothing is taken: ${reason}`
  const shown = errors
    .slice(0, SHOWN_ERRORS)
    .map(error => `  line ${error.line}${error.column && `, ${error.column}`}: ${error.reason}`)
  return [
    `Import ${state}${reason ? ` (${reason})` : ''}: ${rows} rows, of which ${refusedRows} refused`,
    `${products} products: ${created} created, ${changed} changed, ${unchanged} unchanged`,
    ...(unknownColumns.length > 0 ? [`Columns that are not read: ${unknownColumns.join(', ')}`] : []),
    ...shown,
    ...(errorCount > shown.length ? [`  and ${errorCount - shown.length} more: --json`] : [])
  ].join('\n')
}

function upload(file: string, size: number, options: ImportOptions): Promise<ImportJob> {
  async function* body() {
    let done = 0
    for await (const chunk of createReadStream(file)) {
      yield chunk as Buffer
      done += chunk.length
      options.progress({ done, total: size, text: 'sending' })
    }
  }
  return ask(`/api/v1/catalog/imports?currency=${encodeURIComponent(options.currency)}`, options, {
    method: 'POST',
    body: body(),
    duplex: 'half',
    headers: { 'content-type': 'text/csv' },
    signal: AbortSignal.timeout(UPLOAD_LIMIT)
  })
}

async function ask(path: string, { gateway, token }: ImportOptions, request: RequestInit): Promise<ImportJob> {
  const headers = { ...request.headers, authorization: `Bearer ${token}` }
  const answer = await fetch(gateway + path, { ...request, headers }).catch(error => {
    throw new Failure(
      `the gateway at ${gateway} does not answer (${reasonOf(error)})`,
      'Is the stack up? make status',
      {
        cause: error
      }
    )
  })
  const document = (await answer.json().catch(() => ({}))) as ImportJob | Refusal
  if (answer.ok) return document as ImportJob
  const { title = 'no reason given', detail, errors = [] } = document as Refusal
  const places = errors.map(place => `\n  ${place.pointer}: ${place.detail}`).join('')
  throw new Failure(
    `the import is refused with status ${answer.status}: ${title}${detail ? ` (${detail})` : ''}${places}`
  )
}
