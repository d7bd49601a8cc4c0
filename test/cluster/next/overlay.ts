import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import type { Plugin } from 'esbuild'
import { type Edit, expand } from './edits.ts'

/** The name of a step of an upgrade. */
export type Next = 'expand'

const STEPS: Record<Next, Edit[]> = { expand }

/**
 * Returns the source with the edit applied. Throws if the source does not contain the text exactly once, because the edit is then out of
 * date.
 */
export function edited(source: string, { file, find, replace }: Edit): string {
  const places = source.split(find)
  if (places.length === 2) return places.join(replace)
  throw new Error(
    `${file} contains "${find}" ${places.length - 1} times, not once. Update its edit in test/cluster/next/edits.ts`
  )
}

/**
 * Bundles a service as its next release: with the edits of `next` in its sources, and with the version `<version>-next` in its
 * package.json. If the service stores and publishes nothing, only the version changes.
 */
export function nextRelease(root: string, service: string, next: Next): Plugin {
  const applied = new Set<Edit>()
  return {
    name: `next-${next}`,
    setup({ onLoad, onEnd }) {
      onLoad({ filter: /(packages\/chassis|services\/[^/]+)\/src\/.*\.ts$/ }, ({ path }) => {
        const file = relative(root, path).split(sep).join('/')
        const edits = STEPS[next].filter(edit => edit.file === file)
        if (edits.length === 0) return undefined
        for (const edit of edits) applied.add(edit)
        return { contents: edits.reduce(edited, readFileSync(path, 'utf8')), loader: 'ts' }
      })
      onLoad({ filter: /services\/[^/]+\/package\.json$/ }, ({ path }) => {
        const manifest = JSON.parse(readFileSync(path, 'utf8'))
        return { contents: JSON.stringify({ ...manifest, version: `${manifest.version}-next` }), loader: 'json' }
      })
      onEnd(() => {
        const missed = STEPS[next].find(({ file }) => file.startsWith(`services/${service}/`) && !isApplied(file))
        if (missed) throw new Error(`${missed.file} is no longer in the bundle of ${service}`)
      })
    }
  }

  function isApplied(file: string) {
    return [...applied].some(edit => edit.file === file)
  }
}
