import { allCases } from './catalogue.ts';
import { lane } from './matrix.ts';

lane(4, 4, allCases());
