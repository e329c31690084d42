import { allCases } from './catalogue.ts';
import { lane } from './matrix.ts';

lane(1, 4, allCases());
