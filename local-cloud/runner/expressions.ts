import { data, Evaluator, type Expr, Lexer, Parser } from '@actions/expressions';
import {
  Binary,
  ContextAccess,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Unary,
} from '@actions/expressions/ast';
import { truthy } from '@actions/expressions/result';

const CONTEXTS = [
  'github',
  'vars',
  'secrets',
  'inputs',
  'matrix',
  'env',
  'steps',
  'needs',
  'runner',
  'job',
  'strategy',
];

/** What stands between `${{` and `}}`, wherever it is in a value. */
export function expressionsIn(value: unknown): string[] {
  return [...JSON.stringify(value ?? null).matchAll(/\$\{\{(.*?)\}\}/g)].map(([, inside]) =>
    (JSON.parse(`"${inside}"`) as string).trim(),
  );
}

/**
 * What an expression reads, as `github.event.number`. An index that is only known at run time is `*`; a context that is
 * taken whole, as in `toJSON(secrets)`, is its bare name.
 */
export function readsOf(expression: string): string[] {
  return collect(parse(expression));
}

/** What GitHub makes of a condition. `context` is plain data: what `github`, `vars` and so on hold. */
export function holds(condition: string, context: Readonly<Record<string, unknown>>): boolean {
  return truthy(evaluate(condition, context));
}

/** What a value with expressions in it becomes. */
export function filledIn(value: string, context: Readonly<Record<string, unknown>>): string {
  return value.replace(/\$\{\{(.*?)\}\}/g, (_, inside: string) => evaluate(inside.trim(), context).coerceString());
}

function evaluate(expression: string, context: Readonly<Record<string, unknown>>): data.ExpressionData {
  const known = { ...Object.fromEntries(CONTEXTS.map((name) => [name, {}])), ...context };
  const dictionary = JSON.parse(JSON.stringify(known), data.reviver) as data.Dictionary;
  return new Evaluator(parse(expression), dictionary).evaluate();
}

function parse(expression: string): Expr {
  return new Parser(new Lexer(expression).lex().tokens, CONTEXTS, []).parse();
}

function collect(node: Expr): string[] {
  if (node instanceof ContextAccess) return [node.name.lexeme];
  if (node instanceof IndexAccess) return collectIndex(node);
  if (node instanceof Unary) return collect(node.expr);
  if (node instanceof Grouping) return collect(node.group);
  if (node instanceof Binary) return [...collect(node.left), ...collect(node.right)];
  if (node instanceof Logical || node instanceof FunctionCall) return node.args.flatMap(collect);
  return [];
}

function collectIndex({ expr, index }: IndexAccess): string[] {
  const key = index instanceof Literal ? index.literal.coerceString() : '*';
  const [base, ...others] = collect(expr);
  const inside = index instanceof Literal ? [] : collect(index);
  return base === undefined ? inside : [`${base}.${key}`, ...others, ...inside];
}
