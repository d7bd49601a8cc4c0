import { globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const TEMPLATE = join(import.meta.dirname, '../../templates/chart')

/** The links in a chart, each with its target: the common templates, the schema of values, and two files of the service. */
const links = (name: string) => ({
  'charts/common': '../../common',
  'values.schema.json': '../common/service.schema.json',
  'files/contract.json': `../../../services/${name}/contract.json`,
  'files/package.json': `../../../services/${name}/package.json`
})

/** Makes charts/<name>, the chart of a service, without its generated files. `generate` writes those. */
export function newChart(root: string, name: string) {
  const target = join(root, 'charts', name)
  const place = (file: string) => {
    mkdirSync(dirname(join(target, file)), { recursive: true })
    return join(target, file)
  }
  for (const file of globSync('**/*.*', { cwd: TEMPLATE })) {
    writeFileSync(place(file), readFileSync(join(TEMPLATE, file), 'utf8').replaceAll(/\btemplate\b/g, name))
  }
  for (const [file, to] of Object.entries(links(name))) symlinkSync(to, place(file))
}
