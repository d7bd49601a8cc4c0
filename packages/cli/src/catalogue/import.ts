import { createReadStream, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure, reasonOf } from '../failure.ts'
import type { Progress } from '../output/progress-bar.ts'

/** A refused row. */
type RefusedRow = { line: number; column: string; reason: string }

/** The fields of catalog's import job that this command reads. */
export type ImportJob = {
  id: string
  state: 'running' | 'done' | 'failed'
  /** The reason of a failed import. */
  reason?: string
  rows: number
  refusedRows: number
  products: number
  created: number
  changed: number
  unchanged: number
  errorCount: number
  /** The first errors. */
  errors: RefusedRow[]
  /** Columns of the file that were ignored. */
  unknownColumns: string[]
}

/** The problem document (RFC 9457) of a refused request. */
type Refusal = { title?: string; detail?: string; errors?: { pointer: string; detail: string }[] }

export type ImportOptions = {
  /** The address of the gateway. */
  gateway: string
  /** The token of a member of staff. */
  token: string
  /** The currency of the prices (ISO 4217). */
  currency: string
  progress: (progress: Progress) => void
}

/** Longer than the gateway's own limit, to receive its problem document (ms). */
const UPLOAD_LIMIT = 610_000
const ANSWER_LIMIT = 10_000
const STANDSTILL_LIMIT = 60_000
const POLL_INTERVAL = 200
const MAX_PRINTED_ERRORS = 10

/** Uploads a product file (Shopify's CSV) through the gateway, and waits until catalog has imported it. Resolves with the finished job. */
export async function importProducts(file: string, options: ImportOptions): Promise<ImportJob> {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat) throw new Failure(`there is no file ${file}`)
  if (stat.isDirectory()) throw new Failure(`${file} is a folder`, 'Give the path of a file')
  const { size } = stat
  const { id } = await upload(file, size, options)
  let rows = -1
  for (let progressAt = Date.now(); Date.now() - progressAt < STANDSTILL_LIMIT; await delay(POLL_INTERVAL)) {
    const job = await ask(`/api/v1/catalog/imports/${id}`, options, { signal: AbortSignal.timeout(ANSWER_LIMIT) })
    if (job.state !== 'running') return job
    options.progress({ done: size, total: size, text: `${job.rows} rows read` })
    if (job.rows !== rows) progressAt = Date.now()
    rows = job.rows
  }
  throw new Failure(`the import ${id} makes no progress`, 'Check `make status` and the log of catalog')
}

/** Describes a finished import, with the first refused rows. */
export function describeImport({ state, reason, rows, products, errors, errorCount, ...rest }: ImportJob): string {
  const { created, changed, unchanged, refusedRows, unknownColumns } = rest
  if (state === 'failed' && rows === 0) return `Import failed, and nothing was imported: ${reason}`
  const printed = errors
    .slice(0, MAX_PRINTED_ERRORS)
    .map(error => `  line ${error.line}${error.column && `, ${error.column}`}: ${error.reason}`)
  return [
    `Import ${state}${reason ? ` (${reason})` : ''}: ${rows} rows, of which ${refusedRows} refused`,
    `${products} products: ${created} created, ${changed} changed, ${unchanged} unchanged`,
    ...(unknownColumns.length > 0 ? [`Ignored columns: ${unknownColumns.join(', ')}`] : []),
    ...printed,
    ...(errorCount > printed.length ? [`  and ${errorCount - printed.length} more; --json prints all`] : [])
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
    throw new Failure(`cannot reach the gateway at ${gateway} (${reasonOf(error)})`, 'Is the stack up? make status', {
      cause: error
    })
  })
  const document = (await answer.json().catch(() => ({}))) as ImportJob | Refusal
  if (answer.ok) return document as ImportJob
  const { title = 'no reason given', detail, errors = [] } = document as Refusal
  const fields = errors.map(({ pointer, detail: reason }) => `\n  ${pointer}: ${reason}`).join('')
  throw new Failure(
    `the import was refused with status ${answer.status}: ${title}${detail ? ` (${detail})` : ''}${fields}`
  )
}
