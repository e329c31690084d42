import { allCases } from './catalogue.ts';
import { lane } from './matrix.ts';

lane(3, 4, allCases());
