/** What a recipe costs on a slow line: commands on the host, each of which waits for the one before. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { eventsOf, Workshop } from './workshop.ts'

const workshop = new Workshop()
const test = suite('round trips')

/** Of the same script run by hand: one command. */
const BY_HAND = 1

test.before(async () => {
  const smoke = Array.from({ length: 8 }, () => ({ command: [`\${prefix}/bin/tiny`] }))
  workshop.write('recipes/tiny.yaml', tinyRecipe(packTiny(workshop.archives, '1.0'), { smoke }))
  workshop.write('hosts.yaml', 'hosts:\n  box: { address: sandbox, recipes: { tiny: "*" } }\n')
  const { code, stderr } = await workshop.command('sandbox', 'start', 'box')
  assert.is(code, 0, stderr)
  countCommands()
})
test.after(() => workshop.close())

/** Gives the account a login shell that notes each command. */
function countCommands(): void {
  const root = workshop.root('box')
  const shell = '/var/tmp/counting-sh'
  writeFileSync(join(root, shell), '#!/bin/sh\necho command >>/var/tmp/commands\nexec /bin/sh "$@"\n')
  chmodSync(join(root, shell), 0o755)
  const { user } = workshop.endpoint('box')
  const passwd = join(root, 'etc/passwd')
  const text = readFileSync(passwd, 'utf8')
  writeFileSync(passwd, text.replace(new RegExp(`^(${user}:.*:)[^:\\n]*$`, 'm'), `$1${shell}`))
}

async function commandsOf(...words: string[]): Promise<{ commands: number; steps: number }> {
  workshop.write('../cache/sandbox/box/root/var/tmp/commands', '')
  const { code, stdout, stderr } = await workshop.build('box', '--json', ...words)
  assert.is(code, 0, stdout + stderr)
  const steps = eventsOf(stdout).filter(({ type }) => type === 'step-end').length
  return { commands: (workshop.read('box', 'var/tmp/commands') ?? '').split('\n').length - 1, steps }
}

test('of a recipe with over 20 steps are at most two more than of its script run by hand', async () => {
  const build = await commandsOf()
  assert.ok(build.steps >= 20, `${build.steps} steps`)
  const nothing = await commandsOf()
  assert.ok(nothing.commands > 0)
  const more = build.commands - nothing.commands - BY_HAND
  assert.ok(more <= 2, `${build.commands} commands, ${nothing.commands} with nothing to do`)
})

test.run()
