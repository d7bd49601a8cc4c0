import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { stringify } from 'yaml'
import { Failure } from '../../packages/cli/src/failure.ts'
import { type Daemon, startDaemon } from '../../packages/cli/src/processes/daemon.ts'
import { freePort } from '../../packages/cli/src/processes/ports.ts'
import { findProgram } from '../../packages/cli/src/processes/system-packages.ts'

/** The address of a `/metrics`, as host and port, with the labels of its series. */
export type Target = { address: string; labels: Record<string, string> }

/** A result of Prometheus: its values as pairs of a time (s) and a number as text. */
type Series = { metric: Record<string, string>; values?: [number, string][]; value?: [number, string] }

export type Prometheus = {
  url: string
  /** Runs a query from `start` to now (seconds since the epoch). Rejects with Prometheus's message if the query is wrong. */
  queryRange(expr: string, start: number): Promise<Series[]>
  /** Runs a query for now. */
  query(expr: string): Promise<Series[]>
  close(): Promise<void>
}

const REQUEST_LIMIT = 20_000
/** The number of points of a query of a range. */
const POINTS = 60

/** Starts a Prometheus of its own that scrapes the targets every second, and evaluates the recording rules of a folder as often. */
export async function startPrometheus(targets: Target[], rules: string): Promise<Prometheus> {
  const command = findProgram('prometheus')
  if (!command) throw new Failure('prometheus is not installed', 'Install it: sudo apt-get install -y prometheus')
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-prometheus-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  copyRules(rules, folder)
  writeFileSync(join(folder, 'prometheus.yaml'), configuration(targets))
  const args = [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=exemplar-storage',
    '--log.level=warn'
  ]
  const answers = () =>
    fetch(`${url}/-/ready`).then(
      answer => answer.ok,
      () => false
    )
  let daemon: Daemon
  try {
    daemon = await startDaemon({ name: 'prometheus', command, args, logFile: join(folder, 'log'), answers })
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return {
    url,
    queryRange: (expr, start) => ask(url, 'query_range', rangeOf(expr, start)),
    query: expr => ask(url, 'query', { query: expr }),
    async close() {
      await daemon.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

function configuration(targets: Target[]): string {
  const static_configs = targets.map(({ address, labels }) => ({ targets: [address], labels }))
  return stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules/*.yaml'],
    scrape_configs: [{ job_name: 'bulkhead', static_configs }]
  })
}

/** Copies rules, and evaluates all of them each second, because those of long windows would first run after minutes. */
function copyRules(rules: string, folder: string) {
  const copies = join(folder, 'rules')
  mkdirSync(copies)
  for (const file of globSync(join(rules, '*.yaml')))
    writeFileSync(join(copies, basename(file)), readFileSync(file, 'utf8').replace(/^(\s*interval:).*$/gm, '$1 1s'))
}

function rangeOf(query: string, start: number) {
  const end = Date.now() / 1_000
  return { query, start, end, step: Math.max(1, (end - start) / POINTS) }
}

async function ask(url: string, path: string, parameters: Record<string, string | number>): Promise<Series[]> {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) body.set(name, String(value))
  const signal = AbortSignal.timeout(REQUEST_LIMIT)
  const response = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body, signal })
  const { data, error } = (await response.json()) as { data?: { result: Series[] }; error?: string }
  if (!data) throw new Error(error ?? `Prometheus answered ${response.status}`)
  return data.result
}

/** True if a result has a number. A share of nothing is NaN, which a chart shows as a gap. */
export function hasNumber(result: Series[]): boolean {
  return result.some(({ values = [], value }) =>
    [...values, ...(value ? [value] : [])].some(([, number]) => Number.isFinite(Number(number)))
  )
}
