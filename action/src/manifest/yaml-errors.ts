import type { YAMLError } from 'yaml';
import { tell } from './text.ts';

/** One YAML syntax error in the words of somebody who edits settings: what is wrong, and what to do. */
export function explainYaml(error: YAMLError): string {
  return (
    told[error.code] ?? tell(`this is not valid YAML: ${error.message}`, 'mend the line; quote values that hold signs')
  );
}

const told: { readonly [code in YAMLError['code']]?: string } = {
  TAB_AS_INDENT: tell('a tab is used for indentation', 'indent with spaces'),
  BAD_INDENT: tell(
    'the indentation does not fit, or a bracket is not closed',
    'align it with its neighbours, or close it',
  ),
  MULTIPLE_DOCS: tell('the file holds several YAML documents', 'keep one; a line of --- begins another'),
  BLOCK_AS_IMPLICIT_KEY: tell(
    'a value here contains ": " or is indented further than its key allows',
    'put the value in quotes, or mend the indentation',
  ),
  MULTILINE_IMPLICIT_KEY: tell('a key runs over several lines', 'mend the indentation of this line'),
  BAD_SCALAR_START: tell('a value begins with a sign that YAML keeps for itself', 'put the value in quotes'),
  BAD_DQ_ESCAPE: tell('the backslash here begins no known escape', 'write \\\\ for a backslash, or use single quotes'),
  NON_STRING_KEY: tell('a key is not plain text', 'write the key as a word'),
  RESOURCE_EXHAUSTION: tell('the file nests too deeply', 'flatten it; manifests nest a few levels'),
};
