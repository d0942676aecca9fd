/**
 * A build that prints 100,000 lines in about two minutes, followed live, by a pipe and by a terminal: no line may be missing
 * in the controller's copy of the log, none doubled, and the client may use no more than a tenth of one core.
 * Run it with: npm run bench -- log
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { SCRIPT } from '../e2e/terminal.ts'
import { packTiny, tinyRecipe } from '../e2e/tinyPackage.ts'
import { Workshop } from '../e2e/workshop.ts'
import { judge, machine } from './measured.ts'
import { usageOf } from './usage.ts'

const PIECES = 1000
const LINES = 100
/** Seconds between two pieces. */
const PAUSE = 0.12
const LIMIT = 0.1

/** As a compiler's lines, 150 characters long. */
const PRINTING = [
  'all: tiny',
  `\t@i=0; while [ $$i -lt ${PIECES} ]; do awk -v i=$$i 'BEGIN { for (j = 0; j < ${LINES}; j++) printf`,
  `"line %d gcc -DHAVE_CONFIG_H -I. -I/opt/local/include -g -O2 -pthread -MT part%d.o -MD -MP -MF .deps/part%d.Tpo -c -o part%d.o part%d.c\\n",`,
  `i * ${LINES} + j, j, j, j, j }'; sleep ${PAUSE}; i=$$((i + 1)); done`,
]
  .join(' ')
  .replace('all: tiny ', 'all: tiny\n')

const workshop = new Workshop()
try {
  const archive = packTiny(workshop.archives, '1.0', {
    'Makefile.in': (text) => text.replace('all: tiny', () => PRINTING),
  })
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive))
  workshop.write('hosts.yaml', 'hosts:\n  box:\n    address: sandbox\n    recipes: { tiny: "*" }\n')
  await workshop.command('sandbox', 'start', 'box')
  console.log(machine())
  await measure('by a pipe')
  if (existsSync(SCRIPT)) {
    await workshop.command('remove', 'box', 'tiny', '--yes')
    await measure('on a terminal', (argv) => [
      SCRIPT,
      '-qefc',
      argv.map((word) => `'${word}'`).join(' '),
      '/dev/null',
    ])
  } else console.log(`not measured on a terminal: there is no ${SCRIPT} (apt-get install bsdutils)`)
} finally {
  await workshop.close()
}

async function measure(how: string, within?: (argv: string[]) => string[]): Promise<void> {
  const before = logs()
  const words = ['box', '--no-packages', '--sources', workshop.archives]
  const run = await usageOf(workshop, words, within)
  if (run.code !== 0) throw new Error(run.output.slice(-3000))
  const [file] = logs().filter((name) => !before.includes(name))
  const text = readFileSync(workshop.cache('logs', 'box', file as string), 'utf8')
  const numbers = Array.from(text.matchAll(/^line (\d+) gcc/gm), ([, number]) => Number(number))
  const wrong = numbers.filter((number, index) => number !== index).length + PIECES * LINES - numbers.length
  console.log(
    `followed ${how}: ${numbers.length} lines in ${run.seconds.toFixed(0)} s, ${run.cpuSeconds.toFixed(2)} s of cpu, ` +
      `${run.megabytes.toFixed(0)} MiB`,
  )
  judge(`${how}: lines lost or doubled`, Math.abs(wrong), 0)
  judge(`${how}: share of a core`, run.cpuSeconds / run.seconds, LIMIT)
}

function logs(): string[] {
  const folder = workshop.cache('logs', 'box')
  return existsSync(folder) ? readdirSync(folder) : []
}
