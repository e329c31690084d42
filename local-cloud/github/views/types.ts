import type { Octokit } from 'octokit';

export type Rest = Octokit['rest'];

type Some<T> = T extends readonly (infer Element)[]
  ? Some<Element>[]
  : T extends object
    ? { [Key in keyof T]?: Some<T[Key]> }
    : T;

type Data<Method> = Method extends (...args: never[]) => Promise<{ data: infer Result }> ? Result : never;

/** What octokit says that a method answers. We may leave fields out, but none can have another name or type. */
export type View<Method> = Some<Data<Method>>;
