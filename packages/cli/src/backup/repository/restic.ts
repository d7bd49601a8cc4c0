import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Failure } from '../../failure.ts'
import { findProgram } from '../../processes/system-packages.ts'

/** How a repository is reached. */
export type Access = {
  /** A folder, or an address of restic such as `s3:https://host/bucket/folder`. */
  location: string
  /** The file with the repository's password. */
  passwordFile: string
  /** More variables of restic's environment, such as the keys of S3. */
  environment?: NodeJS.ProcessEnv
  /** Ends restic when aborted. */
  signal?: AbortSignal | undefined
}

export const PASSWORD_CURE = 'Put your copy of it there, or name another file in RESTIC_PASSWORD_FILE'

/** Runs restic on one repository. */
export type Restic = {
  /** Resolves with the output. Fails with the reason in plain words. */
  run(...args: string[]): Promise<string>
  /** Writes `input` to restic's standard input. If `input` fails, restic is ended before it can make a snapshot. */
  feed(input: AsyncIterable<Uint8Array>, ...args: string[]): Promise<string>
  /** Returns the output piece by piece. Fails at its end if restic failed, so read it completely before you trust it. */
  stream(...args: string[]): AsyncGenerator<Uint8Array>
}

/** How long (ms) restic may work without any data going through it. Pruning a large repository at S3 takes long. */
const LIMIT = 3_600_000
/** How long (ms) restic may take to remove its lock when it is ended. */
const GRACE = 5_000
const MOST_ERROR_TEXT = 8_192
/** Collects garbage early and writes smaller files, which halves restic's memory. */
const SMALL = { GOGC: '20', GOMEMLIMIT: '56MiB', RESTIC_PACK_SIZE: '4' }

/** The reasons that restic gives, and what to tell the user. */
const REASONS: [pattern: RegExp, problem: string, cure: string][] = [
  [/wrong password|no key found/, 'the password does not open the repository', 'Check the file with the password'],
  [
    /no space left on device|disk quota exceeded/i,
    'no space is left for the repository',
    'The earlier backups are still there. Free some space, and run the backup again'
  ],
  [
    /already locked|unable to create lock/,
    'another process uses the repository',
    'Wait for its end. If it was killed on another machine, its lock ends after 30 minutes'
  ],
  [
    /ciphertext verification failed|invalid data returned|does not match|hash mismatch|wrong hash|unexpected EOF|not a valid|invalid header|errors? (?:was|were) (?:found|encountered)|contains errors|cipher: message authentication failed/,
    'the repository is damaged',
    'Restore an other backup, or repair the repository: https://restic.readthedocs.io/en/stable/077_troubleshooting.html'
  ],
  [
    /permission denied|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch/i,
    'the repository cannot be accessed',
    'Check the permissions and the keys of S3'
  ],
  [
    /Is there a repository|does not exist|The specified (?:key|bucket) does not exist|unable to open config file/,
    'there is no repository',
    'Make a backup first'
  ],
  [
    /connection refused|no such host|timeout|Client.Timeout/i,
    'the repository does not answer',
    'Check its address and the network'
  ]
]

/** Returns the means to run restic. Fails if it is not installed. */
export function restic({ location, passwordFile, environment = {}, signal }: Access): Restic {
  const program = findProgram('restic', environment.PATH)
  if (!program) throw new Failure('restic is not installed', 'Install it: scripts/setup.sh restic')
  if (!existsSync(passwordFile))
    throw new Failure(`the file with the password of the backups is missing: ${passwordFile}`, PASSWORD_CURE)
  const env = {
    ...SMALL,
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TMPDIR: process.env.TMPDIR,
    ...environment,
    RESTIC_REPOSITORY: location,
    RESTIC_PASSWORD_FILE: passwordFile,
    RESTIC_PROGRESS_FPS: '0'
  }
  // A local repository is as fast as the cache.
  const usual = location.includes(':') ? [] : ['--no-cache']

  function start(args: string[], stdin: 'ignore' | 'pipe') {
    signal?.throwIfAborted()
    // Its own process group, so that a Ctrl-C reaches only this process, which ends restic in the right order.
    const child = spawn(program!, [...usual, ...args], { env, stdio: [stdin, 'pipe', 'pipe'], detached: true })
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT)
    const stop = () => void end(child)
    signal?.addEventListener('abort', stop)
    let errors = ''
    child.stderr!.on('data', (text: Buffer) => {
      errors = (errors + text.toString()).slice(-MOST_ERROR_TEXT)
    })
    const closed = once(child, 'close').then(([code]) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      if (signal?.aborted) throw new Failure('interrupted; nothing was kept')
      if (code !== 0) throw failureOf(args, errors, location, passwordFile)
    })
    closed.catch(() => undefined) // it rejects again where it is awaited
    return { child, closed }
  }

  async function outputOf(child: ChildProcess): Promise<string> {
    let output = ''
    for await (const text of child.stdout!) output += text
    return output
  }

  return {
    async run(...args) {
      const { child, closed } = start(args, 'ignore')
      const output = await outputOf(child)
      await closed
      return output
    },

    async feed(input, ...args) {
      const { child, closed } = start(args, 'pipe')
      const output = outputOf(child)
      try {
        await pipeline(Readable.from(input, { objectMode: false }), child.stdin!, { end: false })
      } catch (error) {
        // restic takes the end of its input for the end of the data, so it must be gone before its input ends.
        await end(child)
        await output
        await closed.catch(reason => {
          const isConsequence = (error as NodeJS.ErrnoException).code === 'EPIPE' || signal?.aborted
          if (isConsequence) throw reason
        })
        throw error
      }
      child.stdin!.end()
      const text = await output
      await closed
      return text
    },

    async *stream(...args) {
      const { child, closed } = start(args, 'ignore')
      try {
        for await (const chunk of child.stdout!) yield chunk as Uint8Array
        await closed
      } finally {
        await end(child)
      }
    }
  }
}

/** Ends restic, and waits until it has removed its lock. */
async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE)
  await exited
  clearTimeout(timer)
}

function failureOf(args: string[], errors: string, location: string, passwordFile: string): Failure {
  const known = REASONS.find(([pattern]) => pattern.test(errors))
  const last = errors.trim().split('\n').filter(Boolean).at(-1) ?? 'no reason given'
  if (!known) return new Failure(`restic ${args[0]} failed on ${location}: ${last}`)
  const [, problem, cure] = known
  const files = problem.startsWith('the password') ? `: ${passwordFile}` : ''
  return new Failure(`${problem} (${location}): ${last}`, cure + files)
}
