import { join } from 'node:path'
import { build, stop } from 'esbuild'

/** The bundled script and style of the page. */
export type Assets = { script: string; style: string }

/** Bundles the page with its libraries. Fails if its sources do not build. */
export async function bundlePage(): Promise<Assets> {
  const { outputFiles } = await build({
    entryPoints: ['main.ts', 'view.css'].map(file => join(import.meta.dirname, '../page', file)),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
    outdir: 'page',
    logLevel: 'silent'
  })
  await stop() // its process would otherwise keep 20 MiB until the end
  const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? ''
  return { script: textOf('.js'), style: textOf('.css') }
}
