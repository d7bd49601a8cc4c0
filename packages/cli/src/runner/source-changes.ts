import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** The folders with the sources of services, relative to the repository. */
const FOLDERS = ['services', 'packages/chassis']
/** Matches the files that bundles and contracts read, and services' folders, because only the folder may be reported when it is removed. */
const IS_SOURCE = /^(services\/[^/]+|packages\/chassis)(\/(src\/.+|package\.json))?$/
/** How long to wait after the last change before changes are reported (ms), because editors and git write several files. */
const QUIET = 100

/** The changes of sources since the watch began. */
export type SourceChanges = {
  /** Waits for changes. Resolves with the paths, relative to the repository, that changed since the last call. Rejects when aborted. */
  next(): Promise<string[]>
  /** Reports a path, as if it had changed. */
  add(path: string): void
}

/** Collects the paths of changed sources until `signal` aborts. */
export function collectChanges(signal: AbortSignal): SourceChanges {
  const changed = new Set<string>()
  let arrival = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<never>()
  // Prevents an unhandled rejection, because a later call of `next` may report the error.
  ended.promise.catch(() => undefined)
  signal.addEventListener('abort', () => ended.reject(signal.reason), { once: true })

  return {
    add(path) {
      changed.add(path)
      arrival.resolve()
    },
    async next() {
      await Promise.race([arrival.promise, ended.promise])
      for (let seen = 0; seen !== changed.size; ) {
        seen = changed.size
        await delay(QUIET, undefined, { signal })
      }
      const paths = [...changed]
      changed.clear()
      arrival = Promise.withResolvers()
      return paths
    }
  }
}

/**
 * Adds the sources of all services that change from now on, by events of the file system, which costs nothing while nothing changes. Calls
 * `failed` once if the system's limit of watches is reached; no source is watched then.
 */
export function watchSources(
  root: string,
  { add }: SourceChanges,
  signal: AbortSignal,
  failed: (error: Error) => void
) {
  const failing = new AbortController()
  const options = { recursive: true, signal: AbortSignal.any([signal, failing.signal]) }
  const fail = (error: Error) => {
    if (failing.signal.aborted) return
    failing.abort()
    failed(error)
  }
  const note = (folder: string, file: string | null) => {
    const path = join(folder, file ?? '')
    if (IS_SOURCE.test(path)) add(path)
  }
  try {
    for (const folder of FOLDERS.filter(folder => existsSync(join(root, folder)))) {
      watch(join(root, folder), options, (_event, file) => note(folder, file)).on('error', fail)
    }
  } catch (error) {
    fail(error as Error)
  }
}
