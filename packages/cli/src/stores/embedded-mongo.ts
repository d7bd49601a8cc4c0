import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../failure.ts'
import type { Program } from '../processes/daemon.ts'
import { ask } from '../processes/ports.ts'
import { requireProgram } from '../processes/system-packages.ts'

const BUILD_LIMIT = 300_000

/** Options that save memory: a serial collector that returns freed memory, and only the first compiler. Exits if memory is exhausted. */
const JVM_FLAGS = [
  '-Xmx256m',
  '-Xss512k',
  '-XX:+UseSerialGC',
  '-XX:MinHeapFreeRatio=10',
  '-XX:MaxHeapFreeRatio=20',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
  '-Dslf4j.internal.verbosity=ERROR'
]

/** One database server: a port of 127.0.0.1 and the file with its databases. */
type EmbeddedServer = { port: number; file: string }

export type EmbeddedMongo = {
  /** The folder of the repository. Its tools/embedded-mongo is built if the cache does not contain it yet. */
  root: string
  servers: EmbeddedServer[]
  logFile: string
  /** Reports with a message that slow work begins. */
  say: (line: string) => void
}

/** Returns the Java program that runs an embedded MongoDB for each server. It counts as started when all servers answer. */
export async function embeddedMongoProgram({ root, servers, logFile, say }: EmbeddedMongo): Promise<Program> {
  const java = requireProgram('java')
  const build = await buildEmbeddedMongo(root, say)
  for (const { file } of servers) mkdirSync(dirname(file), { recursive: true })
  const classes = ['-cp', `${build}/target/classes:${build}/target/lib/*`, 'EmbeddedMongo']
  return {
    name: 'embedded-mongo',
    command: java,
    args: [...JVM_FLAGS, ...classes, ...servers.map(({ port, file }) => `${port}=${file}`)],
    logFile,
    answers: async () => !(await Promise.all(servers.map(({ port }) => ask(port)))).includes(undefined)
  }
}

/** Builds tools/embedded-mongo with Maven, unless the cache has a build of the same sources. Resolves with the folder that has target/. */
async function buildEmbeddedMongo(root: string, say: (line: string) => void): Promise<string> {
  const source = join(root, 'tools/embedded-mongo')
  const cache = process.env.BULKHEAD_CACHE || join(homedir(), '.cache/bulkhead')
  const folder = join(cache, `embedded-mongo-${hashOf(source)}`)
  if (existsSync(folder)) return folder
  const maven = requireProgram('mvn')
  say('building the embedded MongoDB server (once; downloads about 6 MB from Maven Central)')
  const unfinished = `${folder}.${process.pid}`
  cpSync(source, unfinished, { recursive: true, filter: file => !file.includes('target') })
  try {
    await promisify(execFile)(maven, ['-q', '-B', 'compile', 'dependency:copy-dependencies'], {
      cwd: unfinished,
      timeout: BUILD_LIMIT
    })
    if (!existsSync(folder)) renameSync(unfinished, folder)
  } catch (cause) {
    const { stdout = '', message } = cause as { stdout?: string; message: string }
    const reason = stdout.split('\n').find(line => line.includes('ERROR')) ?? message
    throw new Failure(`cannot build the embedded MongoDB server: ${reason}`, `Try it: cd ${source} && mvn compile`, {
      cause
    })
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}

function hashOf(folder: string): string {
  const hash = createHash('sha256')
  const files = globSync(['pom.xml', 'src/**'], { cwd: folder }).sort()
  for (const file of files) {
    if (statSync(join(folder, file)).isFile()) hash.update(`${file}\0`).update(readFileSync(join(folder, file)))
  }
  return hash.digest('hex').slice(0, 12)
}
