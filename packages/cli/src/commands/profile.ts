import { createWriteStream, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from '../command-line/command.ts'
import { Failure } from '../failure.ts'
import { askInspected, type Inspected, inspectedProcesses } from '../inspection/inspected.ts'
import { progressBar } from '../output/progress-bar.ts'

/** The longest CPU profile (s). */
const LONGEST = 60
/** How long (ms) a service may take in addition to the time of a CPU profile, and for a heap snapshot. */
const [CPU_LIMIT, HEAP_LIMIT] = [30_000, 300_000]

const HEAP_WARNING =
  'A heap snapshot has all data in memory, also secrets and personal data. Keep it to yourself, and delete it after use'

type Kind = { path: string; extension: string; limit: number; seconds: number; viewer: string }

/** `bulkhead profile SERVICE` */
export const profileCommand: Command = {
  usage: 'profile SERVICE [--seconds COUNT] [--heap] [--output FILE] [--namespace NAME] [--pod NAME]',
  summary: 'take a CPU profile or a heap snapshot of a running service',
  details: `--seconds COUNT    how long to profile the CPU (default: 10, at most ${LONGEST})
--heap             take a heap snapshot instead. The service answers nothing for some seconds, and needs about 150 MiB more memory, or more for
                   a large heap. ${HEAP_WARNING}
--output FILE      where to write it (default: SERVICE-TIME.cpuprofile or .heapsnapshot in this folder). The file must not exist
--namespace NAME   the service in this namespace of the cluster, instead of the one on this machine
--pod NAME         this pod of the service (default: the first that is ready)

Open the file with Chrome (DevTools, Performance or Memory) or Visual Studio Code. A service answers only if INSPECTION=1 is set. \`bulkhead up\`
sets it; in a cluster it is the chart's value \`inspection\`. One profile of a process is taken at a time.`,
  examples: [
    ['bulkhead profile cart', 'the CPU for ten seconds'],
    ['bulkhead profile cart --heap --output cart.heapsnapshot', 'the heap'],
    ['bulkhead profile orders --seconds 30 --namespace bulkhead', 'a pod in the cluster']
  ],
  options: {
    seconds: { type: 'string' },
    heap: { type: 'boolean' },
    output: { type: 'string' },
    namespace: { type: 'string' },
    pod: { type: 'string' }
  },
  async run({ stack, words: [service = ''], options, environment }) {
    const kind = kindOf(options.heap === true, options.seconds as string | undefined)
    const namespace = options.namespace as string | undefined
    const pod = options.pod as string | undefined
    if (pod !== undefined && namespace === undefined) throw new Failure('--pod needs --namespace')
    const processes = await inspectedProcesses(service, { stack, environment, namespace, pod: pod ?? 'any' })
    const time = new Date().toISOString().replace(/\..*/, '').replaceAll(':', '')
    const file = String(options.output ?? `${service}-${time}.${kind.extension}`)
    try {
      if (options.heap) console.error(HEAP_WARNING)
      const bytes = await save(processes[0]!, kind, file)
      console.log(`Wrote ${file} (${(bytes / 1_048_576).toFixed(1)} MiB) of ${processes[0]!.name}. ${kind.viewer}`)
      return 0
    } finally {
      for (const { close } of processes) close()
    }
  }
}

function kindOf(isHeap: boolean, given: string | undefined): Kind {
  if (isHeap && given !== undefined) throw new Failure('a heap snapshot takes no --seconds')
  const seconds = Number(given ?? 10)
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST)
    throw new Failure(`--seconds is "${given}"`, `Give a number from 1 to ${LONGEST}`)
  return isHeap
    ? {
        path: '/profiles/heap',
        extension: 'heapsnapshot',
        limit: HEAP_LIMIT,
        seconds: 0,
        viewer: 'Open it with Chrome: DevTools, Memory, Load profile'
      }
    : {
        path: `/profiles/cpu?seconds=${seconds}`,
        extension: 'cpuprofile',
        limit: seconds * 1_000 + CPU_LIMIT,
        seconds,
        viewer: 'Open it with Chrome: DevTools, Performance, Load profile'
      }
}

/** Writes a profile to a new file that only the user can read. Resolves with its size in bytes. Removes the file if that fails. */
async function save(inspected: Inspected, { path, limit, seconds }: Kind, file: string): Promise<number> {
  const output = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  await new Promise((resolve, reject) => output.once('open', resolve).once('error', reject)).catch(cause => {
    throw new Failure(`cannot write ${file}: ${(cause as Error).message}`, 'Give another --output', { cause })
  })
  const endProgress = showProgress(inspected.name, seconds)
  try {
    const answer = await askInspected(inspected, 'POST', path, limit)
    await pipeline(Readable.fromWeb(answer.body!), output)
    return output.bytesWritten
  } catch (error) {
    output.destroy()
    rmSync(file, { force: true })
    if (error instanceof Failure) throw error
    throw new Failure(`the profile of ${inspected.name} broke off`, 'Does it still run? bulkhead status', {
      cause: error
    })
  } finally {
    endProgress()
  }
}

/** Shows how much of the time has passed, or only the text if the time is unknown (0). Returns a function that ends that. */
function showProgress(name: string, seconds: number): () => void {
  const bar = progressBar(process.stderr)
  const start = performance.now()
  const show = () => {
    const done = Math.min((performance.now() - start) / 1_000, seconds)
    bar.show({ done, total: seconds, text: seconds > 0 ? `profiling ${name}` : `reading the heap of ${name}` })
  }
  show()
  const timer = setInterval(show, 200)
  return () => {
    clearInterval(timer)
    bar.clear()
  }
}
