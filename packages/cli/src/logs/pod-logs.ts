import { pause } from '@bulkhead/load/pacing/arrivals'
import type { Cluster } from '../cluster/kubectl.ts'
import { type EntryParser, entryParser, type LogEntry } from './entry.ts'
import { keepNewest, reorder } from './order.ts'

type PodOptions = {
  cluster: Cluster
  /** The name of a service or a store; undefined for all. */
  name: string | undefined
  /** The earliest time (ms since the epoch); undefined for all lines. */
  since: number | undefined
  /** True for the entries that count, when the newest ones are chosen. */
  isWanted: (entry: LogEntry) => boolean
  print: (entry: LogEntry) => void
  /** Tells the user something that is not a log line. */
  tell: (text: string) => void
  isFollowed: boolean
  stop: AbortSignal
}

/** kubectl prints the log of one pod after the other, so all lines must be known before the first is printed. */
const MOST_LINES = 100_000
/** The number of pods whose logs kubectl follows at once. */
const MOST_PODS = 200
/** How often new and restarted pods are looked for (ms). */
const INTERVAL = 3_000

/** Prints the logs of an installation's pods in the order of time. */
export async function printPodLogs(options: PodOptions) {
  const { isFollowed, isWanted, print, tell, stop } = options
  const read = podReader(options)
  if (isFollowed) return followPods(options, read)
  const newest = keepNewest(MOST_LINES)
  for await (const entry of read(options.since, false, stop)) if (isWanted(entry)) newest.add(entry)
  const { entries, dropped } = newest.sorted()
  if (dropped > 0) tell(`Left out ${dropped} earlier lines. --since chooses a shorter time`)
  for (const entry of entries) print(entry)
}

/** Reads the entries of all pods: from a time on, and with `isFollowed` until no pod writes any more. */
type PodReader = (since: number | undefined, isFollowed: boolean, stop: AbortSignal) => AsyncGenerator<LogEntry>

/** Returns a reader that yields no line of a container twice. */
function podReader({ cluster, name }: PodOptions): PodReader {
  const parsers = new Map<string, EntryParser>()
  const latest = new Map<string, string>()
  return async function* (since, isFollowed, stop) {
    const args = [
      'logs',
      `--selector=${selectorOf(name)}`,
      '--all-containers',
      '--prefix',
      '--timestamps',
      '--tail=-1',
      '--ignore-errors',
      `--max-log-requests=${MOST_PODS}`,
      ...(since === undefined ? [] : [`--since-time=${new Date(since).toISOString()}`]),
      ...(isFollowed ? ['--follow'] : [])
    ]
    for await (const line of cluster.streamKubectl(args, stop)) {
      const parsed = parsePodLine(line)
      if (!parsed || parsed.time <= (latest.get(parsed.place) ?? '')) continue
      latest.set(parsed.place, parsed.time)
      const parser = parsers.get(parsed.place) ?? entryParser(parsed.source)
      parsers.set(parsed.place, parser)
      yield parser(parsed.text, Date.parse(parsed.time))
    }
  }
}

/** Follows the pods. Starts kubectl again when pods come, go or restart, because it keeps to the pods that it found first. */
async function followPods({ cluster, name, since, print, stop }: PodOptions, read: PodReader) {
  const ordered = reorder(print)
  let from = since
  const printing = setInterval(() => ordered.pass(Date.now()), 200)
  try {
    while (!stop.aborted) {
      const began = Date.now()
      const changed = new AbortController()
      const ending = AbortSignal.any([stop, changed.signal])
      const watching = untilPodsChange(cluster, name, ending).finally(() => changed.abort())
      for await (const entry of read(from, true, ending)) ordered.add(entry)
      // kubectl may have ended by itself, because no pod runs or because it lost the connection.
      await pause(INTERVAL, ending)
      changed.abort()
      await watching
      from = began - INTERVAL
    }
  } finally {
    clearInterval(printing)
    ordered.end()
  }
}

type Pods = { items: { metadata: { uid: string }; status: { containerStatuses?: { restartCount: number }[] } }[] }

/** Resolves when there are other pods than now, when one has restarted, or when `stop` aborts. */
async function untilPodsChange(cluster: Cluster, name: string | undefined, stop: AbortSignal) {
  const look = async () => {
    const pods = await cluster.get<Pods>('pods', '--selector', selectorOf(name))
    return JSON.stringify(
      pods?.items.map(({ metadata, status }) => [metadata.uid, status.containerStatuses?.map(one => one.restartCount)])
    )
  }
  const before = await look()
  do await pause(INTERVAL, stop)
  while (!stop.aborted && (await look()) === before)
}

const selectorOf = (name: string | undefined) =>
  `app.kubernetes.io/part-of=bulkhead${name === undefined ? '' : `,app.kubernetes.io/name=${name}`}`

/** `[pod/catalog-6d4cf56db6-x2x8z/catalog] 2026-11-30T12:00:01.123456789Z text` */
const POD_LINE = /^\[pod\/([^/]+)\/([^\]]+)\] (\S+) (.*)$/
/** The end of a pod's name in a StatefulSet. */
const ORDINAL = /-\d+$/

/** The parts of a line: its container, the name of its log, its time in nanoseconds, and its text. Undefined for a line without these. */
function parsePodLine(line: string) {
  const [, pod, container, time, text] = POD_LINE.exec(line) ?? []
  if (pod === undefined || container === undefined || time === undefined || text === undefined) return undefined
  // The container of every store has the same name.
  const source = container === 'store' ? pod.replace(ORDINAL, '') : container
  return { place: `${pod}/${container}`, source, time, text }
}
