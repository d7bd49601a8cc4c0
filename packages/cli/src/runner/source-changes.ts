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
  /** Waits for changes. Resolves with the paths, relative to the repository, that changed since the last call. Rejects if a watch ends. */
  next(): Promise<string[]>
  /** Reports a path, as if it had changed. */
  add(path: string): void
}

/**
 * Watches the sources of all services by file system events, which costs nothing while nothing changes. Throws if the system's limit of
 * watches is reached.
 */
export function watchSources(root: string, signal: AbortSignal): SourceChanges {
  const changed = new Set<string>()
  let arrival = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<never>()
  // Prevents an unhandled rejection, because a later call of `next` may report the error.
  ended.promise.catch(() => undefined)
  signal.addEventListener('abort', () => ended.reject(signal.reason), { once: true })

  const add = (path: string) => {
    changed.add(path)
    arrival.resolve()
  }
  const note = (folder: string, file: string | null) => {
    const path = join(folder, file ?? '')
    if (IS_SOURCE.test(path)) add(path)
  }
  for (const folder of FOLDERS.filter(folder => existsSync(join(root, folder)))) {
    const watcher = watch(join(root, folder), { recursive: true, signal }, (_event, file) => note(folder, file))
    watcher.on('error', ended.reject)
  }

  return {
    add,
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
