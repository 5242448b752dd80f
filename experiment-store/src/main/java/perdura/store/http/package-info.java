/** Requests to services that speak JSON over HTTP. The relay, the activities of Airflow and the doctor call it. */
@NullMarked
package perdura.store.http;

import org.jspecify.annotations.NullMarked;
