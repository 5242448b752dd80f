/** What the tests of several modules share. Main code never sees it. */
@NullMarked
package perdura.testkit;

import org.jspecify.annotations.NullMarked;
