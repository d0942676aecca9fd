import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandLines, tokenize } from '../../../../../runner/sandbox/smf/commands/svccfg/lexer.ts'

const lexing = suite("svccfg's language")

lexing('words, strings and signs', () =>
  assert.equal(tokenize('setprop a/b = astring: ("x \\"y\\" z" w)\n# comment\n'), [
    { type: 'word', text: 'setprop' },
    { type: 'word', text: 'a/b' },
    { type: '=' },
    { type: 'word', text: 'astring:' },
    { type: '(' },
    { type: 'string', text: 'x "y" z' },
    { type: 'word', text: 'w' },
    { type: ')' },
    { type: 'newline' },
    { type: 'newline' },
  ]),
)

lexing('a list in parentheses goes over lines, and lines are counted', () => {
  const lines = commandLines('list\nsetprop a/b = (1\n2\n)\nend\n')
  assert.equal(
    lines.map((l) => [l.tokens.length, l.number]),
    [
      [1, 1],
      [7, 4],
      [1, 5],
    ],
  )
})

lexing.run()
