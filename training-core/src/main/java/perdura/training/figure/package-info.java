/**
 * What pictures are drawn with: charts, grids of images, maps of points. Called by the figures of the methods, by the tasks that show masks
 * and boxes, and by reports.
 */
@NullMarked
package perdura.training.figure;

import org.jspecify.annotations.NullMarked;
