import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { sudoPassword } from '../../runner/privilege/checkSudo.ts'
import { missingRights } from '../../runner/privilege/rights.ts'
import { SudoPasswords } from '../../runner/privilege/sudoPasswords.ts'
import type { ExecOptions, Transport } from '../../runner/transports/transport.ts'
import { rejects } from '../rejects.ts'

/** A host whose sudo takes one password; what it was given is kept. */
function host(right: string, otherwise = 'Sorry, try again.\nsudo: no password was provided\n') {
  const given: string[] = []
  const transport: Transport = {
    async exec(command: string, { stdin }: ExecOptions = {}) {
      assert.not.match(command, right)
      await new Promise((resolve) => setTimeout(resolve, 5))
      given.push(String(stdin))
      const ok = stdin === `${right}\n`
      const stdout = Buffer.from(ok ? 'uid=0(root) gid=0(root)\n' : '')
      return { code: ok ? 0 : 1, signal: null, stdout, stderr: ok ? '' : otherwise }
    },
    close: async () => {},
  }
  return { transport, given }
}

function asked(...answers: (string | undefined)[]) {
  const questions: string[] = []
  const passwords = new SudoPasswords(async (question) => {
    questions.push(question)
    await new Promise((resolve) => setTimeout(resolve, 5))
    return answers[questions.length - 1]
  })
  return { questions, passwords }
}

const facts = (user = 'ann') => ({ user, tools: { sudo: '/opt/csw/bin/sudo' } })

const sudo = suite('sudo passwords')

sudo('one question for all hosts of a user', async () => {
  const { questions, passwords } = asked('right')
  const hosts = Array.from({ length: 20 }, () => host('right'))
  const found = await Promise.all(
    hosts.map(({ transport }, i) => sudoPassword(`h${i}`, facts(), transport, passwords)),
  )
  assert.equal(new Set(found), new Set(['right']))
  assert.equal(questions, ['Password of ann for sudo: '])
})

sudo('another user is another question', async () => {
  const { questions, passwords } = asked('of ann', 'of bob')
  assert.is(await sudoPassword('x', facts('ann'), host('of ann').transport, passwords), 'of ann')
  assert.is(await sudoPassword('x', facts('bob'), host('of bob').transport, passwords), 'of bob')
  assert.is(questions.length, 2)
})

sudo('a slip of the finger is one more question, however many hosts noticed', async () => {
  const { questions, passwords } = asked('rihgt', 'right')
  const hosts = Array.from({ length: 20 }, () => host('right'))
  await Promise.all(hosts.map(({ transport }, i) => sudoPassword(`h${i}`, facts(), transport, passwords)))
  assert.equal(questions, ['Password of ann for sudo: ', 'That was wrong. Password of ann for sudo: '])
})

sudo('a host with another password is asked for by name', async () => {
  const { questions, passwords } = asked('usual', 'special')
  await sudoPassword('one', facts(), host('usual').transport, passwords)
  assert.is(await sudoPassword('odd', facts(), host('special').transport, passwords), 'special')
  assert.is(await sudoPassword('two', facts(), host('usual').transport, passwords), 'usual')
  assert.equal(questions.slice(1), ['That was wrong. Password of ann for sudo on odd: '])
})

const isPrerequisite = (error: Error) => error instanceof BuildStackError && error.code === 'PREREQUISITE'

sudo('three wrong ones are enough, and nobody to ask is said', async () => {
  const { transport, given } = host('right')
  const tired = await rejects(
    sudoPassword('x', facts(), transport, asked('a', 'b', 'c').passwords),
    isPrerequisite,
  )
  assert.is(tired.message, 'sudo took none of 3 passwords of ann')
  assert.equal(given, ['a\n', 'b\n', 'c\n'])
  for (const passwords of [new SudoPasswords(undefined), asked(undefined).passwords]) {
    const nobody = await rejects(sudoPassword('x', facts(), transport, passwords), isPrerequisite)
    assert.is(nobody.message, 'sudo wants a password of ann, and there is nobody to ask')
  }
})

sudo("other refusals are told in sudo's own words, and not tried again", async () => {
  const { transport, given } = host('right', 'ann is not in the sudoers file.\x1b[31m\n')
  const error = await rejects(
    sudoPassword('x', facts(), transport, asked('a', 'b').passwords),
    isPrerequisite,
  )
  assert.is(error.message, 'sudo does not let ann become root: ann is not in the sudoers file. [31m')
  assert.is(given.length, 1)
})

sudo.run()

const rights = suite('missing rights')

const CASES: [
  privilege: 'auto' | 'none' | 'sudo' | 'pfexec',
  tools: Record<string, string>,
  message: RegExp,
][] = [
  ['auto', {}, /^ann may not write to \/opt\/local, and has neither pfexec nor sudo$/],
  [
    'none',
    { sudo: '/bin/sudo' },
    /^ann may not write to \/opt\/local, and hosts\.yaml says privilege: none$/,
  ],
  ['sudo', {}, /^there is no sudo on the PATH of hosts\.yaml$/],
  ['pfexec', {}, /^there is no pfexec on the host$/],
  [
    'pfexec',
    { pfexec: '/usr/bin/pfexec' },
    /^pfexec does not make ann root: the account has no rights profile/,
  ],
]
for (const [privilege, tools, message] of CASES) {
  rights(`${privilege} with ${Object.keys(tools).join() || 'nothing'}`, () => {
    const error = missingRights(
      { name: 'h', prefix: '/opt/local', privilege },
      { privilege: undefined, user: 'ann', tools },
    )
    assert.match(error?.message ?? '', message)
    assert.ok(error?.context.next)
  })
}

rights('none are missing once a way was found', () => {
  for (const privilege of ['none', 'pfexec', 'sudo', 'sudo-password'] as const) {
    assert.is(missingRights({ name: 'h', prefix: '/' }, { privilege, user: 'ann', tools: {} }), undefined)
  }
})

rights.run()
