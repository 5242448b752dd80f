/**
 * A toy method of pre-training: a linear contrast of images and bags of words. {@code docs/methods/your-own.md} explains it. Called through
 * {@code perdura.training.method.Methods}, in tests.
 */
@NullMarked
package perdura.toy;

import org.jspecify.annotations.NullMarked;
