/** Starting runs, and following them on the screen. Called by {@code pretrain}, {@code resume}, {@code quickstart}, {@code runs}. */
@NullMarked
package perdura.cli.follow;

import org.jspecify.annotations.NullMarked;
