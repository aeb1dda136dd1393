//! Vectors, with pgvector's answers and messages.

use super::answer;

#[test]
fn vectors_answer_as_pgvector() {
    let cases = [
        ("'[1,2]'::vector <-> '[4,6]'", "double precision\t5"),
        ("l2_distance('[1,2]', '[4,6]')", "double precision\t5"),
        ("'[1,2]'::vector <#> '[3,4]'", "double precision\t-11"),
        ("inner_product('[1,2]', '[3,4]')", "double precision\t11"),
        ("'[1,1]'::vector <=> '[1,1]'", "double precision\t0"),
        ("'[1,1]'::vector <=> '[-1,-1]'", "double precision\t2"),
        ("'[1,0]'::vector <=> '[0,2]'", "double precision\t1"),
        ("cosine_distance('[1,2]', '[0,0]')", "double precision\tNaN"),
        ("'[0,0]'::vector <+> '[3,4]'", "double precision\t7"),
        ("l1_distance('[1,2]', '[0,1]')", "double precision\t2"),
        ("vector_dims('[1,2,3]')", "integer\t3"),
        ("vector_norm('[3,4]')", "double precision\t5"),
        ("l2_normalize('[3,4]')", "vector\t[0.6,0.8]"),
        ("'[1,2,3]'::vector + '[4,5,6]'", "vector\t[5,7,9]"),
        ("'[1,2,3]'::vector - '[4,5,6]'", "vector\t[-3,-3,-3]"),
        ("'[1,2,3]'::vector * '[4,5,6]'", "vector\t[4,10,18]"),
        ("'[1,2]'::vector || '[3]'", "vector\t[1,2,3]"),
        ("'[1,2]'::vector = '[1,2]'", "boolean\tt"),
        ("'[1,2]'::vector < '[1,3]'", "boolean\tt"),
        ("'[1,2]'::vector < '[1,2,0]'", "boolean\tt"),
        ("'[1,2,3]'::vector <-> '[1,2]'", "!\t22000\tdifferent vector dimensions 3 and 2"),
        ("'[1,2]'::vector + '[1]'", "!\t22000\tdifferent vector dimensions 2 and 1"),
        ("'[3e38]'::vector + '[3e38]'", "!\t22003\tvalue out of range: overflow"),
        ("'[1,2]'::vector(3)", "!\t22000\texpected 3 dimensions, not 2"),
        ("'[1,2,3]'::vector::vector(2)", "!\t22000\texpected 2 dimensions, not 3"),
        ("'[1,2'::vector", "!\t22P02\tinvalid input syntax for type vector: \"[1,2\""),
        ("'[1,2]'::vector <-> null", "double precision\tNULL"),
        ("'[1,2]'::text::vector(2)::text", "text\t[1,2]"),
        ("'[1,2]'::vector <-> 5", "!\t42883\toperator does not exist: vector <-> integer"),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(sql, expected)| answer(sql) != *expected)
        .map(|(sql, expected)| format!("{sql}\n    expected {expected}\n    found    {}", answer(sql)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
