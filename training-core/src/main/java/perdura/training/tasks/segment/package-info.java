/** The task {@code segmentation}: a U-Net learns the masks of images. Called by {@code tasks} through the service loader. */
@NullMarked
package perdura.training.tasks.segment;

import org.jspecify.annotations.NullMarked;
