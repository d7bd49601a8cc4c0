import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Folders whose files services are made of, below the repository. */
const FOLDERS = ['services', 'packages/chassis']
/** Of those, the files that bundles and contracts read, and the folders of services: of one that is removed only the folder may be reported. */
const IS_SOURCE = /^(services\/[^/]+|packages\/chassis)(\/(src\/.+|package\.json))?$/
/** Milliseconds without another change until a change is reported: editors and git write several files. */
const QUIET = 100

/** The sources that change from now on. */
export type SourceChanges = {
  /** Resolves with the paths that changed since the last call, below the repository, once there are some. Rejects when aborted, and when a watch fails. */
  next(): Promise<string[]>
  /** Reports a path, as if it had changed. */
  add(path: string): void
}

/**
 * Watches the sources of all services by events of the file system, which costs nothing while nothing changes. Throws if the
 * system's limit of watches is reached.
 */
export function watchSources(root: string, signal: AbortSignal): SourceChanges {
  const changed = new Set<string>()
  let arrival = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<never>()
  // The next call of `next` reports it, if there is one.
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
