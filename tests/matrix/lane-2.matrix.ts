import { allCases } from './catalogue.ts';
import { lane } from './matrix.ts';

lane(2, 4, allCases());
