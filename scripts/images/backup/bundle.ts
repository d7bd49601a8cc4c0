import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { programOptions } from '../../../packages/cli/src/bundling/bundle.ts'

// Writes the files that the backup's Dockerfile copies, and the Dockerfile, to a folder: bundle.ts FOLDER
const folder = process.argv[2]!
mkdirSync(folder, { recursive: true })
await build({
  ...programOptions,
  absWorkingDir: join(import.meta.dirname, '../../..'),
  conditions: ['module', 'image'],
  entryPoints: ['packages/cli/src/backup/job.ts'],
  outfile: join(folder, 'job.js'),
  minifyWhitespace: true,
  lineLimit: 200
})
copyFileSync(join(import.meta.dirname, 'Dockerfile'), join(folder, 'Dockerfile'))
