/**
 * Has DAGs of Airflow run before pre-trainings, over the REST APIs of Airflow 2 and 3. Registered by the worker's supervisor;
 * {@code perdura doctor} asks the client.
 */
@NullMarked
package perdura.activities.io.airflow;

import org.jspecify.annotations.NullMarked;
